#include "cli/authority.hpp"

#include "cli/secret.hpp"

namespace emostream::cli {

namespace {

std::optional<std::string> unless_empty(const std::string& s) {
  return s.empty() ? std::nullopt : std::optional(s);
}

}  // namespace

auth::token_authority make_authority(const settings& s, bool development) {
  std::string secret = s.jwt.secret;
  std::string where = "jwt.secret (EMOSTREAM_JWT_SECRET)";
  if (secret.empty()) {
    if (!development)
      throw config_error("no secret for tokens: set EMOSTREAM_JWT_SECRET (at least 32 bytes), or use --dev");
    const std::filesystem::path folder = ".emostream";
    secret = development_secret(folder);
    where = (folder / "jwt_secret").string();
  }
  if (secret.size() < auth::min_secret_size)
    throw config_error("the secret for tokens in " + where + " must have at least " +
                       std::to_string(auth::min_secret_size) + " bytes, not " +
                       std::to_string(secret.size()));
  return auth::token_authority({.secret = std::move(secret),
                                .issuer = unless_empty(s.jwt.issuer),
                                .audience = unless_empty(s.jwt.audience),
                                .leeway = std::chrono::seconds(s.jwt.leeway_s)});
}

}  // namespace emostream::cli
