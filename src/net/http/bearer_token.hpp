#pragma once

#include <optional>
#include <string_view>

namespace emostream::net {

/// The token of an Authorization header with the scheme Bearer (RFC 6750 section 2.1; RFC 9110 section 11.1:
/// the scheme is case-insensitive), as a view of the header. nullopt without that header, scheme or token.
std::optional<std::string_view> bearer_token(std::optional<std::string_view> authorization);

}  // namespace emostream::net
