#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "pipeline/worker_share.hpp"
#include "service/request_error.hpp"
#include "service/token_bucket.hpp"

namespace emostream::service {

/// Limits of one account, for all its connections and requests together.
struct account_limits {
  std::size_t max_connections = 10;
  std::size_t max_requests = 8;  ///< concurrent HTTP requests, from request head to response
  double max_events = 100;       ///< connections and events other than frames per second, on average
  int event_burst = 400;         ///< of these at once
  double max_fps = 60;           ///< frames per second, on average
  int burst = 30;                ///< frames at once
  std::int64_t max_bytes_per_second = 30'000'000;  ///< of images as received, on average
  std::int64_t burst_bytes = 30'000'000;           ///< of images at once; a larger image is always rejected
};

/// The rates of one account (the `sub` of the token) and its share of the workers. It exists while the
/// account has connections or requests or its token buckets are not full. I/O thread only.
class account {
 public:
  account(std::string name, const account_limits& limits);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Charges a frame of `bytes` bytes to the account's rates. Returns an error, and charges nothing, if a
  /// rate is exceeded.
  [[nodiscard]] std::optional<request_error> charge_frame(std::size_t bytes, time_point now);
  /// Charged with the worker time of all frames and images of the account.
  [[nodiscard]] const std::shared_ptr<pipeline::worker_share>& share() const { return share_; }
  /// Charges a connection or an event other than a frame. Returns false if there are too many a second.
  [[nodiscard]] bool charge_event(time_point now) { return events_.take(now); }
  /// Rate-limits the log lines about the account's sessions. Returns whether to log one more.
  [[nodiscard]] bool may_log(time_point now) { return log_lines_.take(now); }

 private:
  friend class accounts;
  std::string name_;
  std::size_t connections_ = 0;
  token_bucket events_;
  token_bucket frames_;
  token_bucket bytes_;
  token_bucket log_lines_{1, 20};
  std::shared_ptr<pipeline::worker_share> share_ = std::make_shared<pipeline::worker_share>();
};

/// The accounts that are currently active. Enforces the `max_connections` of each. I/O thread only.
class accounts {
 public:
  /// Counts one connection of an account until it is destroyed. May outlive the accounts.
  class connection_permit {
   public:
    connection_permit(connection_permit&&) noexcept = default;
    connection_permit& operator=(connection_permit&&) = delete;
    ~connection_permit();
    [[nodiscard]] account& owner() const { return *account_; }

   private:
    friend class accounts;
    explicit connection_permit(std::shared_ptr<account> owner) : account_(std::move(owner)) {}
    std::shared_ptr<account> account_;
  };

  explicit accounts(const account_limits& limits) : limits_(limits) {}

  /// Counts one more connection of that account. Returns nullopt if the account is at its limit.
  [[nodiscard]] std::optional<connection_permit> acquire(const std::string& name);
  /// Returns that account without counting a connection.
  [[nodiscard]] std::shared_ptr<account> find_or_create(const std::string& name);

  /// Removes accounts that have no connection and whose token buckets are full, so that reconnecting does not
  /// reset a rate. Call it periodically.
  void remove_idle(time_point now);

  [[nodiscard]] const account_limits& limits() const { return limits_; }
  /// The number of accounts with a connection.
  [[nodiscard]] std::size_t connected_count() const;

 private:
  account_limits limits_;
  std::map<std::string, std::shared_ptr<account>, std::less<>> all_;
};

}  // namespace emostream::service
