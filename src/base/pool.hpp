#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace emostream {

/// Objects that are used again, with the memory that they have grown. Any thread.
///
/// As many exist as were ever out at once. They come back as they were left, and may outlive the pool.
template <class T>
class pool {
  struct shelf {
    std::mutex mutex;
    std::vector<std::unique_ptr<T>> idle;
  };

 public:
  /// Brings the object back.
  class giver_back {
   public:
    giver_back() = default;
    explicit giver_back(std::shared_ptr<shelf> to) : to_(std::move(to)) {}
    void operator()(T* object) const {
      std::unique_ptr<T> owned(object);
      const std::lock_guard lock(to_->mutex);
      to_->idle.push_back(std::move(owned));
    }

   private:
    std::shared_ptr<shelf> to_;
  };
  using handle = std::unique_ptr<T, giver_back>;

  [[nodiscard]] handle take() const {
    std::unique_ptr<T> object;
    {
      const std::lock_guard lock(shelf_->mutex);
      if (!shelf_->idle.empty()) {
        object = std::move(shelf_->idle.back());
        shelf_->idle.pop_back();
      }
    }
    if (!object) object = std::make_unique<T>();
    return handle(object.release(), giver_back(shelf_));
  }

 private:
  std::shared_ptr<shelf> shelf_ = std::make_shared<shelf>();
};

}  // namespace emostream
