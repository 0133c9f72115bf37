#include "auth/token.hpp"

#include <cstdio>

#include "cli/authority.hpp"
#include "cli/commands.hpp"

namespace emostream::cli {

int token(const settings& s, const std::string& subject, std::chrono::seconds ttl) {
  const auto authority = make_authority(s, /*development=*/s.token.secret.empty());
  std::puts(authority.sign(subject, wall_clock::now(), ttl).c_str());
  return 0;
}

}  // namespace emostream::cli
