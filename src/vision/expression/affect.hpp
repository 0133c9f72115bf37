#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace emostream::vision {

/// A place on the circumplex of affect: pleasure and activation, each -1..1.
struct affect {
  float valence = 0;
  float arousal = 0;
};

/// The place of an expression, by its label in FER+ ("happiness") or the adjective ("happy"), in capitals or
/// not; none if the label is not known.
std::optional<affect> place_of(std::string_view label);

/// The expectation of the places under the probabilities; both in the order of the labels.
affect expected_affect(std::span<const float> probabilities, std::span<const affect> places);

/// Probabilities, sum 1, of logits.
void softmax(std::span<const float> logits, std::span<float> probabilities);

}  // namespace emostream::vision
