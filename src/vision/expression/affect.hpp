#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace emostream::vision {

/// A point on the circumplex of affect: valence (pleasure) and arousal (activation), each -1..1.
struct affect {
  float valence = 0;
  float arousal = 0;
};

/// The affect of an expression, given as its FER+ label ("happiness") or the adjective ("happy"),
/// case-insensitive. nullopt if the label is unknown.
std::optional<affect> affect_of_label(std::string_view label);

/// The expected affect under the probabilities. `label_affects` has the same order of labels.
affect expected_affect(std::span<const float> probabilities, std::span<const affect> label_affects);

/// Converts logits to probabilities that sum to 1.
void softmax(std::span<const float> logits, std::span<float> probabilities);

}  // namespace emostream::vision
