#include "evaluation/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::evaluation {

void calibration::add(double confidence, bool correct) {
  const double position = std::clamp(confidence, 0.0, 1.0) * static_cast<double>(bins_.size());
  bin& b = bins_[std::min(static_cast<std::size_t>(position), bins_.size() - 1)];
  b.confidence += confidence;
  b.correct += correct ? 1 : 0;
  ++count_;
}

std::optional<double> calibration::expected_error() const {
  if (count_ == 0) return std::nullopt;
  double sum = 0;
  for (const bin& b : bins_) sum += std::abs(b.correct - b.confidence);
  return sum / static_cast<double>(count_);
}

}  // namespace emostream::evaluation
