#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "service/problem.hpp"
#include "service/token_bucket.hpp"

namespace emostream::service {

/// Limits of one account, for all its connections and requests together.
struct account_limits {
  std::size_t max_connections = 10;
  std::size_t max_requests = 8;  ///< concurrent HTTP requests, from request head to response
  double max_fps = 60;           ///< frames per second, on average
  int burst = 30;                ///< frames at once
  std::int64_t max_bytes_per_second = 30'000'000;  ///< of images as received, on average
  std::int64_t burst_bytes = 30'000'000;           ///< of images at once; a larger image is always rejected
};

/// One account, as long as it has connections or its rates remember what it sent. I/O thread only.
class account {
 public:
  account(std::string name, const account_limits& limits);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Counts a frame of so many bytes against the account's rates; or says why it may not pass.
  [[nodiscard]] std::optional<problem> take_frame(std::size_t bytes, time_point now);
  /// Whether the log may tell of one more of its connections.
  [[nodiscard]] bool may_log(time_point now) { return lines_.take(now); }

 private:
  friend class accounts;
  std::string name_;
  std::size_t connections_ = 0;
  token_bucket frames_;
  token_bucket bytes_;
  token_bucket lines_{1, 20};
};

/// The accounts that do something now, and that none does more than its limits. I/O thread only.
class accounts {
 public:
  /// A connection counted; no longer once this is gone. May outlive the accounts.
  class ticket {
   public:
    ticket(ticket&&) noexcept = default;
    ticket& operator=(ticket&&) = delete;
    ~ticket();
    [[nodiscard]] account& of() const { return *account_; }

   private:
    friend class accounts;
    explicit ticket(std::shared_ptr<account> of) : account_(std::move(of)) {}
    std::shared_ptr<account> account_;
  };

  explicit accounts(const account_limits& limits) : limits_(limits) {}

  /// Counts one more connection of that account; nullopt if it has its limit.
  [[nodiscard]] std::optional<ticket> enter(const std::string& name);
  /// That account, for what needs no connection.
  [[nodiscard]] std::shared_ptr<account> find(const std::string& name);

  /// Forgets accounts without connections, once their rates are what they would be for a new one: to come
  /// back is no way around them. Call it now and then.
  void forget_idle(time_point now);

  [[nodiscard]] const account_limits& limits() const { return limits_; }
  /// Accounts with a connection.
  [[nodiscard]] std::size_t size() const;

 private:
  account_limits limits_;
  std::map<std::string, std::shared_ptr<account>, std::less<>> all_;
};

}  // namespace emostream::service
