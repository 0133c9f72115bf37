#include "measure.hpp"

#include <cstdio>
#include <ctime>
#include <limits>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace emostream::fuzzing {

namespace {

/// Written by the child process.
struct shared_result {
  double ms;
  double allowed_ms;
  double mb;
  char outcome[100];
};

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

}  // namespace

cost measure(const std::function<handled()>& handle) {
  static auto* const shared = static_cast<shared_result*>(
      mmap(nullptr, sizeof(shared_result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  *shared = {};
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);  // ends a process that does not return
    const double mb_before = peak_mb();
    const double start = cpu_ms();
    const handled result = handle();
    shared->ms = cpu_ms() - start;
    shared->allowed_ms = result.allowed_ms;
    shared->mb = peak_mb() - mb_before - static_cast<double>(result.result_bytes) / 1e6;
    std::snprintf(shared->outcome, sizeof shared->outcome, "%s", result.outcome.c_str());
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return {std::numeric_limits<double>::infinity(), 1, 0, "crashed, or did not return"};
  return {shared->ms, shared->allowed_ms, shared->mb, shared->outcome};
}

}  // namespace emostream::fuzzing
