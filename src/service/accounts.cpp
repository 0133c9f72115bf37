#include "service/accounts.hpp"

#include <algorithm>

namespace emostream::service {

account::account(std::string name, const account_limits& limits)
    : name_(std::move(name)),
      events_(limits.max_events, limits.event_burst),
      frames_(limits.max_fps, limits.burst),
      bytes_(static_cast<double>(limits.max_bytes_per_second), static_cast<double>(limits.burst_bytes)) {}

std::optional<request_error> account::charge_frame(std::size_t bytes, time_point now) {
  const auto size = static_cast<double>(bytes);
  if (!frames_.holds(now))
    return request_error{429, reason::rate_limited, "Too many frames a second for this account"};
  if (!bytes_.take(now, size))
    return request_error{429, reason::rate_limited, "Too many bytes a second for this account"};
  std::ignore = frames_.take(now);
  return std::nullopt;
}

accounts::connection_permit::~connection_permit() {
  if (account_) --account_->connections_;  // null if moved from
}

std::optional<accounts::connection_permit> accounts::acquire(const std::string& name) {
  if (limits_.max_connections == 0) return std::nullopt;
  auto owner = find_or_create(name);
  if (owner->connections_ == limits_.max_connections) return std::nullopt;
  ++owner->connections_;
  return connection_permit(std::move(owner));
}

std::shared_ptr<account> accounts::find_or_create(const std::string& name) {
  auto& found = all_[name];
  if (!found) found = std::make_shared<account>(name, limits_);
  return found;
}

void accounts::remove_idle(time_point now) {
  std::erase_if(all_, [now](const auto& entry) {
    const auto& a = entry.second;
    return a.use_count() == 1 && a->events_.is_full(now) && a->frames_.is_full(now) &&
           a->bytes_.is_full(now) && a->log_lines_.is_full(now);
  });
}

std::size_t accounts::connected_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(all_, [](const auto& entry) { return entry.second->connections_ > 0; }));
}

}  // namespace emostream::service
