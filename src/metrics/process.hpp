#pragma once

#include <cstddef>
#include <optional>

namespace emostream::metrics {

/// Resource usage of this process, as reported by the kernel.
struct process_usage {
  double cpu_seconds = 0;  ///< of all threads, user and system
  std::size_t resident_bytes = 0;
  std::size_t threads = 0;
  double start_time = 0;  ///< seconds since the epoch
  std::size_t open_fds = 0;
  std::size_t max_fds = 0;
};

/// Reads the usage from /proc. Returns nullopt if there is no /proc.
std::optional<process_usage> read_process();

}  // namespace emostream::metrics
