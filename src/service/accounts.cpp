#include "service/accounts.hpp"

#include <algorithm>

namespace emostream::service {

account::account(std::string name, const account_limits& limits)
    : name_(std::move(name)),
      frames_(limits.max_fps, limits.burst),
      bytes_(static_cast<double>(limits.max_bytes_per_second), static_cast<double>(limits.burst_bytes)) {}

std::optional<problem> account::take_frame(std::size_t bytes, time_point now) {
  const auto size = static_cast<double>(bytes);
  if (!frames_.holds(now))
    return problem{429, reason::rate_limited, "Too many frames a second for this account"};
  if (!bytes_.take(now, size))
    return problem{429, reason::rate_limited, "Too many bytes a second for this account"};
  std::ignore = frames_.take(now);
  return std::nullopt;
}

accounts::ticket::~ticket() {
  if (account_) --account_->connections_;  // not if moved from
}

std::optional<accounts::ticket> accounts::enter(const std::string& name) {
  if (limits_.max_connections == 0) return std::nullopt;
  auto who = find(name);
  if (who->connections_ == limits_.max_connections) return std::nullopt;
  ++who->connections_;
  return ticket(std::move(who));
}

std::shared_ptr<account> accounts::find(const std::string& name) {
  auto& who = all_[name];
  if (!who) who = std::make_shared<account>(name, limits_);
  return who;
}

void accounts::forget_idle(time_point now) {
  std::erase_if(all_, [now](const auto& entry) {
    const auto& who = entry.second;
    return who.use_count() == 1 && who->frames_.full(now) && who->bytes_.full(now) && who->lines_.full(now);
  });
}

std::size_t accounts::size() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(all_, [](const auto& entry) { return entry.second->connections_ > 0; }));
}

}  // namespace emostream::service
