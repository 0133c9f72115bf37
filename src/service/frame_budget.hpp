#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace emostream::service {

/// How many bytes of images are in flight, in mailboxes and in work, over all connections; and that they are
/// not more than the budget. take() on the I/O thread; a share may end on any.
class frame_budget {
 public:
  /// Bytes counted as long as this lives. May outlive the budget.
  class share {
   public:
    share(share&& other) noexcept : used_(std::move(other.used_)), bytes_(other.bytes_) {}
    share& operator=(share&& other) noexcept {
      std::swap(used_, other.used_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~share() {
      if (used_) *used_ -= bytes_;
    }

   private:
    friend class frame_budget;
    share(std::shared_ptr<std::atomic<std::size_t>> used, std::size_t bytes)
        : used_(std::move(used)), bytes_(bytes) {
      *used_ += bytes_;
    }
    std::shared_ptr<std::atomic<std::size_t>> used_;
    std::size_t bytes_;
  };

  explicit frame_budget(std::size_t limit) : limit_(limit) {}

  /// Room for that many bytes; nullopt if it is not there.
  [[nodiscard]] std::optional<share> take(std::size_t bytes) {
    if (bytes > limit_ || used() > limit_ - bytes) return std::nullopt;
    return share(used_, bytes);
  }
  [[nodiscard]] std::size_t used() const { return *used_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_;
  std::shared_ptr<std::atomic<std::size_t>> used_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace emostream::service
