#pragma once

#include <string>
#include <string_view>

namespace emostream {

/// True if `text` is well-formed UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// Replaces each ill-formed sequence with U+FFFD, as web browsers do: a truncated character with one, any
/// other byte with one each.
std::string replace_ill_formed_utf8(std::string_view text);

}  // namespace emostream
