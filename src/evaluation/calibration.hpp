#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace emostream::evaluation {

/// Measures how well the confidence of predictions agrees with their accuracy: of the predictions with a
/// confidence of 0.8, eight of ten should be correct.
class calibration {
 public:
  /// Adds a prediction with a confidence in 0..1.
  void add(double confidence, bool correct);

  /// The expected calibration error over 15 bins of equal width (Guo et al. 2017): the mean over the bins,
  /// weighted by size, of the absolute difference between accuracy and mean confidence. 0..1; std::nullopt if
  /// there are no predictions.
  [[nodiscard]] std::optional<double> expected_error() const;

 private:
  struct bin {
    double confidence = 0;  ///< sum
    double correct = 0;     ///< count
  };
  std::array<bin, 15> bins_;
  std::size_t count_ = 0;
};

}  // namespace emostream::evaluation
