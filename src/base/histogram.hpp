#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace emostream {

/// Counts observed values by range. Not thread-safe.
class histogram {
 public:
  /// `bounds` are ascending upper bounds, inclusive; one more bucket counts larger values.
  explicit histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  void observe(double value) {
    ++counts_[static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin())];
    sum_ += value;
  }

  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
  /// One count per bucket, not cumulative.
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const { return counts_; }
  [[nodiscard]] double sum() const { return sum_; }

 private:
  std::vector<double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

}  // namespace emostream
