#pragma once

#include <cstddef>

namespace emostream {

/// Raises the soft limit of open files and sockets (RLIMIT_NOFILE) to `wanted`, or to the hard limit if that
/// is lower. Never lowers it. Returns the limit in force. Debian's soft limit is 1,024 of 524,288 only
/// because select(2) cannot take more, and nothing here uses select.
std::size_t raise_open_files_limit(std::size_t wanted);

}  // namespace emostream
