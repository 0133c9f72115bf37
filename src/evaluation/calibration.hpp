#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace emostream::evaluation {

/// Whether confidence is worth what it says: of the answers given with 0.8, eight of ten should be right.
class calibration {
 public:
  /// One more answer, given with a probability of 0..1.
  void add(double confidence, bool right);

  /// The expected calibration error over 15 bins of equal width (Guo et al. 2017): how far the share that is
  /// right lies from the mean confidence, weighted by the answers of each bin. 0..1; none of no answers.
  [[nodiscard]] std::optional<double> error() const;

 private:
  struct bin {
    double confidence = 0;  ///< sum
    double right = 0;       ///< count
  };
  std::array<bin, 15> bins_;
  std::size_t count_ = 0;
};

}  // namespace emostream::evaluation
