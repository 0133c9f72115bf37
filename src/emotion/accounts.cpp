#include "emotion/accounts.hpp"

namespace emostream::emotion {

accounts::ticket::~ticket() {
  if (!counts_) return;  // moved from
  const auto it = counts_->find(account_);
  if (--it->second == 0) counts_->erase(it);
}

std::optional<accounts::ticket> accounts::enter(const std::string& account) {
  if (limit_ == 0) return std::nullopt;
  std::size_t& count = (*counts_)[account];
  if (count == limit_) return std::nullopt;
  ++count;
  return ticket(counts_, account);
}

}  // namespace emostream::emotion
