#include "evaluation/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::evaluation {

void calibration::add(double confidence, bool right) {
  const double place = std::clamp(confidence, 0.0, 1.0) * static_cast<double>(bins_.size());
  bin& b = bins_[std::min(static_cast<std::size_t>(place), bins_.size() - 1)];
  b.confidence += confidence;
  b.right += right ? 1 : 0;
  ++count_;
}

std::optional<double> calibration::error() const {
  if (count_ == 0) return std::nullopt;
  double sum = 0;
  for (const bin& b : bins_) sum += std::abs(b.right - b.confidence);
  return sum / static_cast<double>(count_);
}

}  // namespace emostream::evaluation
