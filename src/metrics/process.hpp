#pragma once

#include <cstddef>
#include <optional>

namespace emostream::metrics {

/// What the kernel says of this process.
struct process_facts {
  double cpu_seconds = 0;  ///< of all threads, user and system
  std::size_t resident_bytes = 0;
  std::size_t threads = 0;
  double start_time = 0;  ///< s since the epoch
  std::size_t open_fds = 0;
  std::size_t max_fds = 0;
};

/// nullopt where there is no /proc.
std::optional<process_facts> read_process();

}  // namespace emostream::metrics
