#include "vision/expression/affect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <string>

namespace emostream::vision {

std::optional<affect> affect_of_label(std::string_view label) {
  // Mean ratings of pleasure and arousal of "happy", "surprised", "sad", "angry", "disgusted" and "fearful"
  // from Russell & Mehrabian, "Evidence for a three-factor theory of emotions", J. Research in Personality 11
  // (1977) 273-294, on which Russell's circumplex (1980) is based. Two values are not taken from there:
  // neutral is the origin, and contempt is half of disgust, the neighbouring emotion.
  struct entry {
    std::string_view noun;
    std::string_view adjective;
    vision::affect affect;
  };
  static constexpr std::array<entry, 8> entries{{
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
      std::ranges::find_if(entries, [&](const entry& e) { return e.noun == name || e.adjective == name; });
  if (found == entries.end()) return std::nullopt;
  return found->affect;
}

affect expected_affect(std::span<const float> probabilities, std::span<const affect> label_affects) {
  affect mean;
  for (std::size_t i = 0; i < std::min(probabilities.size(), label_affects.size()); ++i) {
    mean.valence += probabilities[i] * label_affects[i].valence;
    mean.arousal += probabilities[i] * label_affects[i].arousal;
  }
  return mean;
}

void softmax(std::span<const float> logits, std::span<float> probabilities) {
  const float max = *std::ranges::max_element(logits);
  float sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = std::exp(logits[i] - max);
    sum += probabilities[i];
  }
  for (float& p : probabilities) p /= sum;
}

}  // namespace emostream::vision
