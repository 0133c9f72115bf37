#pragma once

#include <cstddef>

namespace emostream {

/// Raises the soft limit of open files and sockets (RLIMIT_NOFILE) to `wanted`, or to the hard limit if that
/// is lower. Never lowers it. Returns the limit in force. Debian's soft limit is 1,024 (its hard limit is
/// 524,288) because select(2) cannot handle more; this server does not use select.
std::size_t raise_open_files_limit(std::size_t wanted);

}  // namespace emostream
