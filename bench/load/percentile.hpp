#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace emostream::bench {

/// The smallest value that at least `share` of the values do not exceed (nearest rank). Requires a value;
/// reorders them.
inline double percentile(std::vector<double>& values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + std::max<std::ptrdiff_t>(rank, 1) - 1;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace emostream::bench
