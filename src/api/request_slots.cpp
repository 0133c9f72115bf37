#include "api/request_slots.hpp"

namespace emostream::api {

request_slots::slot::~slot() {
  if (!all_) return;  // moved from
  const auto it = all_->find(account_);
  if (--it->second == 0) all_->erase(it);
}

std::optional<request_slots::slot> request_slots::take(std::string account) {
  if (limit_ == 0) return std::nullopt;
  const auto it = all_->try_emplace(account, 0).first;
  if (it->second >= limit_) return std::nullopt;
  ++it->second;
  return slot(all_, std::move(account));
}

}  // namespace emostream::api
