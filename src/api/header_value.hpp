#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream::api {

/// Whether two tokens of HTTP are the same, which do not tell `A` from `a`.
bool same_token(std::string_view a, std::string_view b);

/// A header's value with its parameters, as in `form-data; name="image"` (RFC 9110 section 5.6.6). Views of
/// the text that it was read from.
struct header_value {
  std::string_view value;  ///< as written
  /// Names and values, in order; what stood in quotes has its backslashes still.
  std::vector<std::pair<std::string_view, std::string_view>> parameters;

  /// The first parameter of that name.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// No more parameters are taken; nobody needs them.
inline constexpr std::size_t max_parameters = 16;

/// nullopt if it is none, or has too many parameters.
std::optional<header_value> parse_header_value(std::string_view text);

}  // namespace emostream::api
