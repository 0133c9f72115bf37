#include "vision/expression/affect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <string>

namespace emostream::vision {

std::optional<affect> place_of(std::string_view label) {
  // Mean ratings of pleasure and arousal of "happy", "surprised", "sad", "angry", "disgusted" and "fearful"
  // in Russell & Mehrabian, "Evidence for a three-factor theory of emotions", J. Research in Personality 11
  // (1977) 273-294, the measured ground of Russell's circumplex (1980). Contempt is not used from there: it
  // is put halfway to disgust, which it borders on.
  struct known {
    std::string_view noun;
    std::string_view adjective;
    affect place;
  };
  static constexpr std::array<known, 8> places{{
      {"neutral", "neutral", {0.00F, 0.00F}},
      {"happiness", "happy", {0.81F, 0.51F}},
      {"surprise", "surprised", {0.40F, 0.67F}},
      {"sadness", "sad", {-0.63F, -0.27F}},
      {"anger", "angry", {-0.51F, 0.59F}},
      {"disgust", "disgusted", {-0.60F, 0.35F}},
      {"fear", "fearful", {-0.64F, 0.60F}},
      {"contempt", "contemptuous", {-0.30F, 0.18F}},
  }};
  std::string name(label);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto* found =
      std::ranges::find_if(places, [&](const known& k) { return k.noun == name || k.adjective == name; });
  if (found == places.end()) return std::nullopt;
  return found->place;
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
