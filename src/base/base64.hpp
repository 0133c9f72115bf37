#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace emostream::base64 {

/// Encodes as RFC 4648 section 4, with padding.
std::string encode(std::string_view bytes);

/// Decodes base64 with padding; nullopt if the padding is missing or there is white space or any other
/// character outside the alphabet.
std::optional<std::string> decode(std::string_view text);

/// Decodes into `out`, reusing its capacity. Returns false if the text is invalid; `out` is unspecified then.
bool decode(std::string_view text, std::string& out);

}  // namespace emostream::base64
