#pragma once

#include <cstddef>
#include <ctime>

#include <sys/types.h>

namespace emostream::bench {

/// CPU time and memory of a process, as accounted by the kernel.
class process {
 public:
  /// Throws std::system_error if there is no such process.
  explicit process(pid_t pid);

  /// CPU time of all threads in seconds, user and system.
  [[nodiscard]] double cpu_seconds() const;
  /// Resident memory in bytes (Rss of smaps_rollup).
  [[nodiscard]] std::size_t resident_bytes() const;

 private:
  pid_t pid_;
  clockid_t cpu_clock_;
};

}  // namespace emostream::bench
