#include <cstdio>

#include "cli/commands.hpp"

namespace emostream::cli {

int print_config(settings s) {
  s.jwt.secret.clear();
  s.server.metrics_token.clear();
  std::fputs(s.to_toml().c_str(), stdout);
  return 0;
}

}  // namespace emostream::cli
