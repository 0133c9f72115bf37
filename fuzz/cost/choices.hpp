#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace emostream::fuzzing {

using bytes = std::vector<std::uint8_t>;

/// Turns genes into the choices of a generator, one after the other, so that a search can vary an input by
/// changing genes. All choices are the first one once the genes are used up.
class choices {
 public:
  explicit choices(std::span<const std::uint8_t> genes) : genes_(genes) {}

  /// A number from 0 to `count` - 1.
  std::size_t below(std::size_t count) {
    if (genes_.size() < 2) return 0;
    const std::size_t value = genes_[0] + genes_[1] * std::size_t{256};
    genes_ = genes_.subspan(2);
    return value % count;
  }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low) + 1));
  }
  bool flag() { return below(2) == 1; }
  template <typename T>
  T of(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }

 private:
  std::span<const std::uint8_t> genes_;
};

}  // namespace emostream::fuzzing
