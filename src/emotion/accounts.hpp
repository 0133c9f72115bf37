#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace emostream::emotion {

/// How many connections each account has, and that none has more than the limit. I/O thread only.
class accounts {
 public:
  /// A connection counted; no longer once this is gone. May outlive the accounts.
  class ticket {
   public:
    ticket(ticket&&) noexcept = default;
    ticket& operator=(ticket&&) = delete;
    ~ticket();
    [[nodiscard]] const std::string& account() const { return account_; }

   private:
    friend class accounts;
    using counts = std::map<std::string, std::size_t, std::less<>>;
    ticket(std::shared_ptr<counts> all, std::string account)
        : counts_(std::move(all)), account_(std::move(account)) {}
    std::shared_ptr<counts> counts_;
    std::string account_;
  };

  explicit accounts(std::size_t limit) : limit_(limit) {}

  /// Counts one more connection of that account; nullopt if it has its limit.
  [[nodiscard]] std::optional<ticket> enter(const std::string& account);

  [[nodiscard]] std::size_t limit() const { return limit_; }
  /// Accounts with a connection.
  [[nodiscard]] std::size_t size() const { return counts_->size(); }

 private:
  std::size_t limit_;
  std::shared_ptr<ticket::counts> counts_ = std::make_shared<ticket::counts>();
};

}  // namespace emostream::emotion
