#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace emostream {

/// A pool of reusable objects, which keep the memory that they have allocated. Thread-safe.
///
/// Grows to the largest number of objects in use at once. Objects are returned without being reset, and may
/// outlive the pool.
template <class T>
class pool {
  struct storage {
    std::mutex mutex;
    std::vector<std::unique_ptr<T>> idle;
  };

 public:
  /// Returns the object to the pool.
  class returner {
   public:
    returner() = default;
    explicit returner(std::shared_ptr<storage> storage) : storage_(std::move(storage)) {}
    void operator()(T* object) const {
      std::unique_ptr<T> owned(object);
      const std::lock_guard lock(storage_->mutex);
      storage_->idle.push_back(std::move(owned));
    }

   private:
    std::shared_ptr<storage> storage_;
  };
  using handle = std::unique_ptr<T, returner>;

  /// An idle object, or a new one if there is none. The handle returns it.
  [[nodiscard]] handle take() const {
    std::unique_ptr<T> object;
    {
      const std::lock_guard lock(storage_->mutex);
      if (!storage_->idle.empty()) {
        object = std::move(storage_->idle.back());
        storage_->idle.pop_back();
      }
    }
    if (!object) object = std::make_unique<T>();
    return handle(object.release(), returner(storage_));
  }

 private:
  std::shared_ptr<storage> storage_ = std::make_shared<storage>();
};

}  // namespace emostream
