#include "vision/search/suppression.hpp"

#include <algorithm>

namespace emostream::vision {

bool is_same_face(const rect& a, const rect& b) {
  constexpr float max_iou = 0.4F;
  constexpr float max_contained = 0.7F;  // of the smaller box
  const float overlap = iou(a, b);
  const float shared = overlap / (1 + overlap) * (a.area() + b.area());
  return overlap > max_iou || shared > max_contained * std::min(a.area(), b.area());
}

bool contains_face(std::span<const rect> known, const rect& box) {
  return std::ranges::any_of(known, [&](const rect& k) { return is_same_face(k, box); });
}

bool is_known(const detection& candidate, std::span<const rect> known, float precise_from) {
  constexpr float certain_iou = 0.6F;
  return std::ranges::any_of(known, [&](const rect& box) {
    return box.width >= precise_from ? is_same_face(box, candidate.box)
                                     : iou(box, candidate.box) > certain_iou;
  });
}

void suppress_duplicates(std::vector<found_face>& faces) {
  std::ranges::sort(faces, std::ranges::greater{}, &found_face::confidence);
  std::vector<found_face> kept;
  for (found_face& d : faces) {
    const bool known =
        std::ranges::any_of(kept, [&](const found_face& k) { return is_same_face(k.box, d.box); });
    if (!known) kept.push_back(std::move(d));
  }
  faces = std::move(kept);
}

}  // namespace emostream::vision
