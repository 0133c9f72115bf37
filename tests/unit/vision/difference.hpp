#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace emostream::vision::testing {

/// The mean absolute difference of two ranges of equal size.
inline double mean_difference(std::span<const float> one, std::span<const float> other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) sum += std::abs(one[i] - other[i]);
  return sum / static_cast<double>(one.size());
}

}  // namespace emostream::vision::testing
