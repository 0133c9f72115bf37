#include "load/process.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace emostream::bench {

process::process(pid_t pid) : pid_(pid) {
  if (const int error = ::clock_getcpuclockid(pid, &cpu_clock_); error != 0)
    throw std::system_error(error, std::generic_category(), "process " + std::to_string(pid));
}

double process::cpu_seconds() const {
  timespec t{};
  if (::clock_gettime(cpu_clock_, &t) != 0) throw std::runtime_error("the server has exited");
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::size_t process::resident_bytes() const {
  std::ifstream rollup("/proc/" + std::to_string(pid_) + "/smaps_rollup");
  for (std::string word; rollup >> word;) {
    std::size_t kilobytes = 0;
    if (word == "Rss:" && rollup >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("no Rss in smaps_rollup");
}

}  // namespace emostream::bench
