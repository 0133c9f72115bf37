#include "service/token_bucket.hpp"

#include <algorithm>

namespace emostream::service {

bool token_bucket::holds(time_point now, double tokens) {
  const double elapsed = std::chrono::duration<double>(now - filled_).count();
  tokens_ = std::min(burst_, tokens_ + elapsed * rate_);
  filled_ = now;
  // Tolerates rounding errors, so that a client that sends exactly at the rate is never rejected.
  constexpr double tolerance = 1 - 1e-9;
  return tokens_ >= tokens * tolerance;
}

bool token_bucket::take(time_point now, double tokens) {
  if (!holds(now, tokens)) return false;
  tokens_ -= tokens;
  return true;
}

}  // namespace emostream::service
