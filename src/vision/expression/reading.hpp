#pragma once

#include <algorithm>
#include <cstddef>

#include <boost/container/small_vector.hpp>

namespace emostream::vision {

/// One number per label. Up to eight are stored inline, without an allocation.
using label_scores = boost::container::small_vector<float, 8>;

/// The classifier's output for one face.
struct reading {
  label_scores probabilities;  ///< one per label, in the order of the model's labels; they sum to 1
  float valence = 0;           ///< -1..1; predicted by the network, or the expectation over the labels
  float arousal = 0;           ///< -1..1; likewise
};

/// The index of the most probable label. Requires at least one label.
inline std::size_t dominant_label(const reading& r) {
  return static_cast<std::size_t>(std::ranges::max_element(r.probabilities) - r.probabilities.begin());
}

}  // namespace emostream::vision
