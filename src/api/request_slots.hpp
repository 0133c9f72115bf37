#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace emostream::api {

/// Limits the concurrent requests of each account. I/O thread only.
class request_slots {
  using counts = std::map<std::string, std::size_t, std::less<>>;

 public:
  /// Counts one request while it exists. May outlive the request_slots.
  class slot {
   public:
    slot(slot&&) noexcept = default;
    slot& operator=(slot&&) = delete;
    ~slot();
    [[nodiscard]] const std::string& account() const { return account_; }

   private:
    friend class request_slots;
    slot(std::shared_ptr<counts> all, std::string account)
        : all_(std::move(all)), account_(std::move(account)) {}
    std::shared_ptr<counts> all_;
    std::string account_;
  };

  explicit request_slots(std::size_t limit) : limit_(limit) {}

  /// Counts one more request of the account; nullopt if the account is at the limit.
  [[nodiscard]] std::optional<slot> take(std::string account);

  [[nodiscard]] std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_;
  std::shared_ptr<counts> all_ = std::make_shared<counts>();
};

}  // namespace emostream::api
