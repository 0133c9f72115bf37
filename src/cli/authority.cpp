#include "cli/authority.hpp"

#include "cli/secret.hpp"

namespace emostream::cli {

auth::token_authority make_authority(const settings& s, bool development) {
  auto options = s.token;
  std::string source = "jwt.secret (EMOSTREAM_JWT_SECRET)";
  if (options.secret.empty()) {
    if (!development)
      throw config_error("no secret for tokens: set EMOSTREAM_JWT_SECRET (at least 32 bytes), or use --dev");
    const std::filesystem::path folder = ".emostream";
    options.secret = development_secret(folder);
    source = (folder / "jwt_secret").string();
  }
  if (options.secret.size() < auth::min_secret_size)
    throw config_error("the secret for tokens in " + source + " must have at least " +
                       std::to_string(auth::min_secret_size) + " bytes, not " +
                       std::to_string(options.secret.size()));
  return auth::token_authority(std::move(options));
}

}  // namespace emostream::cli
