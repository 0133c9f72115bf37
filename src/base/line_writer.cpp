#include "base/line_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>

namespace emostream {

namespace {

constexpr std::chrono::seconds flush_timeout{1};

/// A descriptor for attempts that do not block: the same pipe or terminal, opened again without blocking,
/// because the flag of the given descriptor is shared with other processes. -1 if there is none: writing to a
/// file does not block, and to a socket may be told not to.
int open_non_blocking(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !(S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) return -1;
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool is_socket(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

void wait_writable(int descriptor) {
  pollfd wanted{descriptor, POLLOUT, 0};
  ::poll(&wanted, 1, -1);
}

std::uint64_t lines_in(std::string_view bytes) {
  return static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
}

/// Writes all bytes, however long it takes. Returns the number of lines that the descriptor rejected.
std::uint64_t write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::write(descriptor, bytes.data(), bytes.size());
    if (size >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(size));
    else if (errno == EAGAIN)
      wait_writable(descriptor);
    else if (errno != EINTR)
      return lines_in(bytes);
  }
  return 0;
}

}  // namespace

/// Shared with the thread, which may outlive the writer: nothing ends a write() that blocks.
struct line_writer::state {
  state(int d, std::size_t c)
      : descriptor(d), non_blocking(open_non_blocking(d)), socket(is_socket(d)), capacity(c) {}
  ~state() {
    if (non_blocking >= 0) ::close(non_blocking);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  const int descriptor;
  const int non_blocking;  ///< or -1
  const bool socket;
  const std::size_t capacity;

  std::mutex mutex;
  std::condition_variable changed;
  std::string waiting;   ///< lines to be written
  bool writing = false;  ///< the thread is writing lines that it has taken from `waiting`
  bool closed = false;
  std::uint64_t dropped = 0;

  /// Writes what the descriptor takes at once; returns the size of that, or -1 and errno.
  [[nodiscard]] ssize_t try_write(std::string_view line) const {
    if (socket) return ::send(descriptor, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return ::write(non_blocking >= 0 ? non_blocking : descriptor, line.data(), line.size());
  }

  void run() {
    std::string taken;
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return closed || !waiting.empty(); });
      if (waiting.empty()) return;
      taken.swap(waiting);
      writing = true;
      lock.unlock();
      const auto rejected = write_all(descriptor, taken);
      taken.clear();
      lock.lock();
      dropped += rejected;
      writing = false;
      changed.notify_all();
    }
  }
};

line_writer::line_writer(int descriptor, std::size_t capacity)
    : state_(std::make_shared<state>(descriptor, capacity)) {
  std::thread([s = state_] { s->run(); }).detach();
}

line_writer::~line_writer() {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, flush_timeout,
                           [this] { return state_->waiting.empty() && !state_->writing; });
}

bool line_writer::write(std::string_view line) {
  const std::lock_guard lock(state_->mutex);
  state& s = *state_;
  // Writing at once leaves nothing to be lost in a crash.
  if (s.waiting.empty() && !s.writing) {
    const auto size = s.try_write(line);
    if (size < 0 && errno != EAGAIN && errno != EINTR) {
      ++s.dropped;
      return false;
    }
    if (size > 0) line.remove_prefix(static_cast<std::size_t>(size));
    if (line.empty()) return true;
  } else if (s.waiting.size() + line.size() > s.capacity) {
    ++s.dropped;
    return false;
  }
  s.waiting += line;
  s.changed.notify_all();
  return true;
}

std::uint64_t line_writer::dropped() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dropped;
}

}  // namespace emostream
