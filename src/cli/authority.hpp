#pragma once

#include "auth/token.hpp"
#include "cli/settings.hpp"

namespace emostream::cli {

/// The authority over tokens that the settings describe. In development a missing secret is the one kept in
/// `.emostream/`. Throws std::exception with a message for the user where there is no secret, or too short a
/// one.
auth::token_authority make_authority(const settings& s, bool development);

}  // namespace emostream::cli
