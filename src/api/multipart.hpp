#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/result.hpp"

namespace emostream::api {

/// Why a body is no multipart/form-data that we take.
enum class multipart_error {
  bad_boundary = 1,       ///< none, or not 1 to 70 characters of RFC 2046 section 5.1.1
  no_boundary_line,       ///< the boundary is not in the body
  cut_off,                ///< it ends before the closing boundary
  bad_boundary_line,      ///< something follows the boundary on its line
  bad_part_header,        ///< a line that is no header, or no name in Content-Disposition
  part_header_too_large,  ///< over max_part_header
  too_many_parts,         ///< over max_parts
  encoded_part,           ///< a Content-Transfer-Encoding, which RFC 7578 section 4.7 has ended
};

std::error_code make_error_code(multipart_error e);

inline constexpr std::size_t max_parts = 16;
inline constexpr std::size_t max_part_header = 4096;  ///< bytes, of one part

/// One field of a form (RFC 7578). Views of the body; names in quotes have their backslashes still.
struct part {
  std::string_view name;
  std::optional<std::string_view> filename;  ///< of a file, "" if none was chosen
  std::string_view content_type;             ///< as written; "" if there is none
  std::string_view content;
};

/// The boundary in a Content-Type, of which it is a view.
result<std::string_view> boundary_of(std::string_view content_type);

/// The parts of a body, in order. No byte is copied and every byte is looked at a bounded number of times. A
/// preamble and an epilogue are passed over.
result<std::vector<part>> parse_multipart(std::string_view body, std::string_view boundary);

}  // namespace emostream::api

template <>
struct std::is_error_code_enum<emostream::api::multipart_error> : std::true_type {};
