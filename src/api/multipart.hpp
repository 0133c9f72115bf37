#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/result.hpp"

namespace emostream::api {

/// Why a multipart/form-data body is rejected.
enum class multipart_error {
  bad_boundary = 1,       ///< missing, or not as in RFC 2046 section 5.1.1 (1 to 70 characters)
  no_boundary_line,       ///< the boundary is not in the body
  cut_off,                ///< the body ends before the closing boundary
  bad_boundary_line,      ///< text after the boundary on its line
  bad_part_header,        ///< a malformed line, or not one Content-Disposition: form-data with a name
  part_header_too_large,  ///< over max_part_header
  too_many_parts,         ///< over max_parts
  encoded_part,           ///< a Content-Transfer-Encoding (RFC 7578 section 4.7) that changes the content
};

std::error_code make_error_code(multipart_error e);

inline constexpr std::size_t max_parts = 16;
inline constexpr std::size_t max_part_header = 4096;  ///< bytes, of one part

/// One field of a form (RFC 7578). Its members are views of the body; the backslashes of quoted names are
/// kept.
struct part {
  std::string_view name;
  std::optional<std::string_view> filename;  ///< if the field is a file; empty if no file was chosen
  std::string_view content_type;             ///< as written; empty if missing
  std::string_view content;
};

/// The boundary parameter of a Content-Type, as a view of it.
result<std::string_view> boundary_of(std::string_view content_type);

/// The parts of a body, in order, without copying it. Takes linear time. A preamble and an epilogue are
/// ignored.
result<std::vector<part>> parse_multipart(std::string_view body, std::string_view boundary);

}  // namespace emostream::api

template <>
struct std::is_error_code_enum<emostream::api::multipart_error> : std::true_type {};
