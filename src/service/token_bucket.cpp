#include "service/token_bucket.hpp"

#include <algorithm>

namespace emostream::service {

bool token_bucket::holds(time_point now, double tokens) {
  const double elapsed = std::chrono::duration<double>(now - filled_).count();
  tokens_ = std::min(burst_, tokens_ + elapsed * rate_);
  filled_ = now;
  // A client that sends exactly at the rate must not be refused for the rounding of a double.
  constexpr double nearly = 1 - 1e-9;
  return tokens_ >= tokens * nearly;
}

bool token_bucket::take(time_point now, double tokens) {
  if (!holds(now, tokens)) return false;
  tokens_ -= tokens;
  return true;
}

}  // namespace emostream::service
