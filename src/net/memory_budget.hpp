#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace emostream::net {

/// The memory that the connections of a server use together for incomplete messages, for request bodies, and
/// for data that their clients have not read. I/O thread only.
class memory_budget {
 public:
  explicit memory_budget(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] std::size_t used() const { return used_; }
  /// How often the limit was exceeded: connections closed, and requests rejected.
  [[nodiscard]] std::uint64_t times_exceeded() const { return times_exceeded_; }

  /// What one connection uses, until it is destroyed. The budget must outlive it.
  class share {
   public:
    explicit share(memory_budget& of) : budget_(of) {}
    ~share() { release(); }
    share(const share&) = delete;
    share& operator=(const share&) = delete;

    /// Records how much the connection uses now. False if that is more than before and the limit is exceeded:
    /// the connection must release its memory.
    [[nodiscard]] bool set(std::size_t bytes) {
      const auto before = std::exchange(bytes_, bytes);
      budget_.used_ += bytes - before;
      if (bytes <= before || budget_.used_ <= budget_.limit_) return true;
      ++budget_.times_exceeded_;
      return false;
    }
    void release() { budget_.used_ -= std::exchange(bytes_, 0); }

   private:
    memory_budget& budget_;
    std::size_t bytes_ = 0;
  };

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
  std::uint64_t times_exceeded_ = 0;
};

}  // namespace emostream::net
