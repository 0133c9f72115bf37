#pragma once

#include "vision/landmarks/eye_network.hpp"
#include "vision/landmarks/eye_states.hpp"

namespace emostream::vision {

/// Measures the eyes of a face.
eye_states eyes_of(const eye_outlines& outlines);

}  // namespace emostream::vision
