#include "base/open_files.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace emostream {

std::size_t raise_open_files_limit(std::size_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit more{std::clamp<rlim_t>(wanted, limit.rlim_cur, limit.rlim_max), limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &more) == 0 ? more.rlim_cur : limit.rlim_cur;
}

}  // namespace emostream
