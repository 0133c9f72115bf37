#pragma once

#include "vision/analyzer.hpp"

namespace emostream::vision::testing {

/// The models that `emostream serve` loads by default.
analyzer_options shipped_models();

/// One analyzer with these models for all tests of a program.
const analyzer& shipped_analyzer();

}  // namespace emostream::vision::testing
