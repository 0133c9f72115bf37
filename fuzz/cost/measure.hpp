#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace emostream::fuzzing {

/// What came of an input, by the code that handled it.
struct handled {
  double allowed_ms = 0;         ///< CPU time that the input may take
  std::size_t result_bytes = 0;  ///< memory of the result, which does not count
  std::string outcome;           ///< for the report, such as "decoded" or an error
};

/// What handling an input took.
struct cost {
  double ms = 0;  ///< CPU time
  double allowed_ms = 1;
  double mb = 0;  ///< peak of the memory besides the result
  std::string outcome;

  [[nodiscard]] double share() const { return ms / allowed_ms; }
};

/// Runs `handle` in a process of its own.
cost measure(const std::function<handled()>& handle);

}  // namespace emostream::fuzzing
