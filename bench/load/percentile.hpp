#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace emostream::bench {

/// The percentile by the nearest-rank method; `share` is 0.99 for the 99th. `values` must not be empty and is
/// reordered.
inline double percentile(std::vector<double>& values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + std::max<std::ptrdiff_t>(rank, 1) - 1;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace emostream::bench
