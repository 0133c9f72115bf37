#include "vision/eye_tracker.hpp"

#include <algorithm>
#include <ranges>

#include "vision/engine.hpp"
#include "vision/landmarks/eyes.hpp"

namespace emostream::vision {

namespace {

/// The smallest face, in pixels of its box, for which counted blinks were compared with a video.
constexpr float min_side = 35;
/// The logit of the attention network below which the eyes are those of no face, or covered.
constexpr float min_presence = 5;
/// The difference between the attention network's last mesh and the face's up to which the former tells where
/// to look.
constexpr float max_movement = 0.05F;

bool is_large_enough(const face& f) {
  return f.mesh && f.box.width >= min_side;
}

/// Looks at the eyes of the face at these points. Returns whether they can be seen.
bool look(const image& from, const mesh_points& at, const engine& models, workspace& work,
          eye_outlines& into) {
  models.eyes.find(from, mesh_crop(at), work.verifying.fitting, into);
  return into.mesh.presence_logit >= min_presence;
}

}  // namespace

int eye_reduction(std::span<const face> faces) {
  int reduction = engine::max_reduction;
  // At least one pixel for each of the network's input.
  for (const face& f : faces | std::views::filter(is_large_enough))
    reduction = std::min(reduction, std::max(1, static_cast<int>(mesh_crop(*f.mesh).scale())));
  return reduction;
}

void find_eyes(std::span<face> faces, const engine& models, workspace& work) {
  const image& from = models.detailed_frame(eye_reduction(faces), work);
  eye_outlines found;
  for (face& f : faces | std::views::filter(is_large_enough)) {
    // As in the first frame of a stream.
    if (look(from, *f.mesh, models, work, found))
      f.eyes = face_eyes{blink_counter().update(eyes_of(found), {})};
  }
}

void eye_tracker::update(std::span<face> faces, std::span<const track> tracks, time_point now,
                         const engine& models, workspace& work) {
  std::erase_if(known_,
                [&](const auto& entry) { return std::ranges::count(tracks, entry.first, &track::id) == 0; });
  const image& from = models.detailed_frame(eye_reduction(faces), work);
  eye_outlines found;
  for (face& f : faces | std::views::filter(is_large_enough) | std::views::take(max_faces)) {
    auto& [counter, last] = known_[f.id];
    // The mesh of the face is from the last detection. With one that follows the lids, as in MediaPipe, more
    // blinks are seen: in a clip at 10 frames per second, in each phase of the detections instead of 4 of 10.
    const bool has_moved = !last || mesh_difference(*last, *f.mesh) > max_movement;
    if (look(from, has_moved ? *f.mesh : *last, models, work, found)) {
      last = found.mesh.points;
      f.eyes = face_eyes{counter.update(eyes_of(found), now), counter.blinks()};
    } else {
      last.reset();
    }
  }
}

}  // namespace emostream::vision
