#pragma once

#include <span>
#include <string_view>

#include "choices.hpp"
#include "measure.hpp"

namespace emostream::fuzzing {

/// A kind of inputs, and the code that handles them.
struct generator {
  std::string_view name;
  bytes (*make)(choices& from);  ///< an empty result means that the choices exclude each other
  handled (*handle)(const bytes& input);
};

/// What an input may cost.
struct cost_limits {
  double mb;
  double tolerance;  ///< factor of the allowed time, for code that stops some time after its limit
};

/// Searches for inputs that take more CPU time or memory than they may. Keeps the worst inputs of each
/// generator, and varies them. The program's arguments are SECONDS [FOLDER [SEED]]; the worst inputs are
/// written to FOLDER. Returns the program's exit status: 1 if an input took more than it may. Needs a build
/// without sanitizers.
int search_worst_inputs(std::span<const generator> generators, const cost_limits& limits, int argc,
                        const char* const* argv);

}  // namespace emostream::fuzzing
