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

/// Like decode(), but accepts what browsers do (forgiving-base64 decode of the WHATWG's Infra Standard),
/// white space and missing padding, and also superfluous padding and the alphabet of base64url.
bool decode_forgiving(std::string_view text, std::string& out);

}  // namespace emostream::base64
