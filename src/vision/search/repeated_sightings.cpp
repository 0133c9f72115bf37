#include "vision/search/repeated_sightings.hpp"

#include <algorithm>
#include <cmath>

#include "vision/search/rejected_places.hpp"

namespace emostream::vision {

namespace {

constexpr int needed = 3;
/// A face that was not seen for so long starts anew. It is longer than rejected places are left alone, so
/// that a phantom is looked at in `needed` successive frames only once.
constexpr milliseconds kept_for = 2 * rejected_places::max_interval;
/// The minimum IoU of the boxes of one face in two sightings.
constexpr float min_iou = 0.3F;

/// The confidence of `needed` sightings of which each has this confidence in the mean. The scores of one face
/// vary from frame to frame, so that phantoms, too, exceed a limit now and then, but not in the mean: of
/// classroom.mp4 in a coarse coding, faces have 0.41 and more, other places at most 0.28.
float together(float mean) {
  constexpr float bonus = 0.4F;  // of log odds
  return 1 / (1 + std::exp(-bonus) * (1 - mean) / mean);
}

}  // namespace

bool repeated_sightings::may_help(const found_face& face) {
  constexpr float min_confidence = 0.3F;
  constexpr float max_side = 40;  // pixels; the landmark network recognises all larger faces (ADR 30)
  return face.confidence >= min_confidence && face.box.width <= max_side;
}

std::optional<float> repeated_sightings::add(const found_face& face, time_point now) {
  std::erase_if(faces_, [&](const sighted_face& f) { return now - f.last > kept_for; });
  auto known =
      std::ranges::max_element(faces_, {}, [&](const sighted_face& f) { return iou(f.box, face.box); });
  if (known == faces_.end() || iou(known->box, face.box) < min_iou) known = faces_.emplace(faces_.end());
  const bool is_counted = known->count > 0 && known->last == now;
  if (!is_counted) {
    known->count = std::min(known->count + 1, needed);
    known->mean += (face.confidence - known->mean) / static_cast<float>(known->count);
  }
  known->box = face.box;
  known->last = now;
  return known->count == needed ? std::optional(together(known->mean)) : std::nullopt;
}

}  // namespace emostream::vision
