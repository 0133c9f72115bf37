#include "pipeline/token_bucket.hpp"

#include <algorithm>

namespace emostream::pipeline {

bool token_bucket::take(time_point now) {
  const double elapsed = std::chrono::duration<double>(now - filled_).count();
  tokens_ = std::min(burst_, tokens_ + elapsed * rate_);
  filled_ = now;
  // A client that sends exactly at the rate must not be refused for the rounding of a double.
  constexpr double enough = 1 - 1e-9;
  if (tokens_ < enough) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace emostream::pipeline
