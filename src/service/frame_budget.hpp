#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace emostream::service {

/// Limits the bytes of images in flight (waiting or being processed) over all connections. Call reserve() on
/// the I/O thread; a reservation may be destroyed on any thread.
class frame_budget {
 public:
  /// Counts bytes as in flight until it is destroyed. May outlive the budget.
  class reservation {
   public:
    reservation(reservation&& other) noexcept : used_(std::move(other.used_)), bytes_(other.bytes_) {}
    reservation& operator=(reservation&& other) noexcept {
      std::swap(used_, other.used_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~reservation() {
      if (used_) *used_ -= bytes_;
    }

   private:
    friend class frame_budget;
    reservation(std::shared_ptr<std::atomic<std::size_t>> used, std::size_t bytes)
        : used_(std::move(used)), bytes_(bytes) {
      *used_ += bytes_;
    }
    std::shared_ptr<std::atomic<std::size_t>> used_;
    std::size_t bytes_;
  };

  explicit frame_budget(std::size_t limit) : limit_(limit) {}

  /// Reserves that many bytes. Returns nullopt if the limit would be exceeded.
  [[nodiscard]] std::optional<reservation> reserve(std::size_t bytes) {
    if (bytes > limit_ || used() > limit_ - bytes) return std::nullopt;
    return reservation(used_, bytes);
  }
  [[nodiscard]] std::size_t used() const { return *used_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_;
  std::shared_ptr<std::atomic<std::size_t>> used_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace emostream::service
