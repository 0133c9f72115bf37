#pragma once

#include <cstddef>
#include <ctime>

#include <sys/types.h>

namespace emostream::bench {

/// What a process has used, by the kernel's own account: exact, whatever else runs on the machine.
class process {
 public:
  /// Throws std::system_error if there is none of that id.
  explicit process(pid_t pid);

  /// Seconds of CPU time of all its threads, in the program and in the kernel on its behalf.
  [[nodiscard]] double cpu_seconds() const;
  /// Bytes of memory resident (Rss of smaps_rollup).
  [[nodiscard]] std::size_t resident_bytes() const;

 private:
  pid_t pid_;
  clockid_t cpu_clock_;
};

}  // namespace emostream::bench
