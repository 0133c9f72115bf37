#include <cstdio>

#include "cli/commands.hpp"

namespace emostream::cli {

int print_config(settings s) {
  s.token.secret.clear();
  s.metrics.token.clear();
  std::fputs(s.table().to_toml().c_str(), stdout);
  return 0;
}

int print_settings_reference() {
  std::fputs(settings_reference().c_str(), stdout);
  return 0;
}

}  // namespace emostream::cli
