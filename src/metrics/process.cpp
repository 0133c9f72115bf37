#include "metrics/process.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/resource.h>

namespace emostream::metrics {

namespace {

/// The boot time in seconds since the epoch.
double read_boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return 0;
}

}  // namespace

std::optional<process_usage> read_process() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // proc(5): the second field is the program's name in parentheses, which may hold spaces and parentheses.
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  // `number` is the number in proc(5); `fields` begins with the third field.
  const auto field = [&](std::size_t number) { return std::stod(fields.at(number - 3)); };

  static const double boot_time = read_boot_time();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  rlimit fds{};
  ::getrlimit(RLIMIT_NOFILE, &fds);
  std::error_code ignored;
  const std::filesystem::directory_iterator open_fds("/proc/self/fd", ignored);
  return process_usage{.cpu_seconds = (field(14) + field(15)) / ticks,
                       .resident_bytes = static_cast<std::size_t>(field(24)) *
                                         static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)),
                       .threads = static_cast<std::size_t>(field(20)),
                       .start_time = boot_time + field(22) / ticks,
                       .open_fds = static_cast<std::size_t>(std::distance(begin(open_fds), end(open_fds))),
                       .max_fds = fds.rlim_cur};
}

}  // namespace emostream::metrics
