#include "vision/affect.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace emostream::vision {

std::optional<affect> place_of(std::string_view label) {
  // Mean ratings of pleasure and arousal of "happy", "surprised", "sad", "angry", "disgusted" and "fearful"
  // in Russell & Mehrabian, "Evidence for a three-factor theory of emotions", J. Research in Personality 11
  // (1977) 273-294, the measured ground of Russell's circumplex (1980). Contempt is not used from there: it
  // is put halfway to disgust, which it borders on.
  static constexpr std::array<std::pair<std::string_view, affect>, 8> places{{
      {"neutral", {0.00F, 0.00F}},
      {"happiness", {0.81F, 0.51F}},
      {"surprise", {0.40F, 0.67F}},
      {"sadness", {-0.63F, -0.27F}},
      {"anger", {-0.51F, 0.59F}},
      {"disgust", {-0.60F, 0.35F}},
      {"fear", {-0.64F, 0.60F}},
      {"contempt", {-0.30F, 0.18F}},
  }};
  const auto* found = std::ranges::find(places, label, &std::pair<std::string_view, affect>::first);
  if (found == places.end()) return std::nullopt;
  return found->second;
}

affect expected_affect(std::span<const float> probabilities, std::span<const affect> places) {
  affect mean;
  for (std::size_t i = 0; i < std::min(probabilities.size(), places.size()); ++i) {
    mean.valence += probabilities[i] * places[i].valence;
    mean.arousal += probabilities[i] * places[i].arousal;
  }
  return mean;
}

void softmax(std::span<const float> logits, std::span<float> probabilities) {
  const float most = *std::ranges::max_element(logits);
  float sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = std::exp(logits[i] - most);
    sum += probabilities[i];
  }
  for (float& p : probabilities) p /= sum;
}

}  // namespace emostream::vision
