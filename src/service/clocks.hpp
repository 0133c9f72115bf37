#pragma once

#include <functional>

#include "base/clock.hpp"

namespace emostream::service {

/// The clocks that the service reads. Tests replace them.
struct clocks {
  std::function<time_point()> steady = &steady_clock::now;
  std::function<wall_clock::time_point()> wall = &wall_clock::now;
};

}  // namespace emostream::service
