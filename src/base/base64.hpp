#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace emostream::base64 {

/// RFC 4648 section 4, with padding.
std::string encode(std::string_view bytes);

/// Strict inverse of encode(): no white space, no missing padding, no foreign letter; nullopt otherwise.
std::optional<std::string> decode(std::string_view text);

}  // namespace emostream::base64
