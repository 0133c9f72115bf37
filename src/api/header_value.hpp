#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream::api {

/// Compares two HTTP tokens, ignoring case.
bool same_token(std::string_view a, std::string_view b);

/// A header's value with its parameters, as in `form-data; name="image"` (RFC 9110 section 5.6.6). Its
/// members are views of the parsed text.
struct header_value {
  std::string_view value;  ///< as written
  /// Names and values, in order; the backslashes of quoted strings are kept.
  std::vector<std::pair<std::string_view, std::string_view>> parameters;

  /// The first parameter with this name.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// The maximum number of parameters in a header value.
inline constexpr std::size_t max_parameters = 16;

/// nullopt if the text is malformed or has more than max_parameters.
std::optional<header_value> parse_header_value(std::string_view text);

}  // namespace emostream::api
