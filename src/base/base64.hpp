#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace emostream::base64 {

/// RFC 4648 section 4, with padding.
std::string encode(std::string_view bytes);

/// Strict inverse of encode(): no white space, no missing padding, no foreign letter; nullopt otherwise.
std::optional<std::string> decode(std::string_view text);

/// The same into a buffer whose memory is used again; false if the text is not valid, what is in the buffer
/// then is nothing.
bool decode(std::string_view text, std::string& into);

}  // namespace emostream::base64
