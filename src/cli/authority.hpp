#pragma once

#include "auth/token.hpp"
#include "cli/settings.hpp"

namespace emostream::cli {

/// The token authority for the settings. In development mode, a missing secret is replaced by the one kept in
/// `.emostream/`. Throws config_error if the secret is missing or too short.
auth::token_authority make_authority(const settings& s, bool development);

}  // namespace emostream::cli
