#pragma once

#include <span>
#include <vector>

#include "vision/detection/detection.hpp"

namespace emostream::vision {

/// Whether two boxes are of one face: they overlap well, or one contains most of the other.
bool is_same_face(const rect& a, const rect& b);

/// Whether a face in this box is one of those in `known`.
bool contains_face(std::span<const rect> known, const rect& box);

/// Whether a detector's candidate is surely one of the faces in `known`. Candidates for faces smaller than
/// `precise_from`, in pixels, lie up to half a face beside them, on another one: whether they are known is
/// certain only after a closer look.
bool is_known(const detection& candidate, std::span<const rect> known, float precise_from);

/// Non-maximum suppression: of boxes that show the same face, keeps the most confident. Sorts by descending
/// confidence.
void suppress_duplicates(std::vector<found_face>& faces);

}  // namespace emostream::vision
