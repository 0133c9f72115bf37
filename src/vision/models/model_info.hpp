#pragma once

#include <string>
#include <vector>

namespace emostream::vision {

/// The models in use, as reported to clients and by `emostream analyze`.
struct model_info {
  std::string detector;
  std::string classifier;
  std::vector<std::string> labels;  ///< in the order of reading::probabilities
};

}  // namespace emostream::vision
