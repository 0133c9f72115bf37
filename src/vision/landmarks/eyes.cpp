#include "vision/landmarks/eyes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace emostream::vision {

namespace {

/// The mean distance between the lids, divided by the distance between the corners (Soukupová and Čech,
/// "Real-time eye blink detection using facial landmarks", 2016): of closed eyes, and the median of 100
/// portraits.
constexpr float closed_ratio = 0.06F;
constexpr float open_ratio = 0.25F;

/// The position of the iris relative to the middle between the corners when a face looks straight ahead,
/// divided by the distance between the corners: the medians of 100 portraits of people who look into the
/// camera.
constexpr float neutral_outward = 0.045F;
constexpr float neutral_upward = 0.065F;

/// Indices in eye_outline::contour.
constexpr std::size_t outer_corner = 0;
constexpr std::size_t inner_corner = 8;

/// Indices in mesh_points.
struct corners {
  std::size_t outer;
  std::size_t inner;
};
constexpr corners left_corners{33, 133};
constexpr corners right_corners{263, 362};

float distance(const point& a, const point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

float distance(const mesh_point& a, const mesh_point& b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

/// Looks from `outward` (-1: left, 1: right) of the nose. `width` is the distance between the eye's corners
/// in space.
eye_state state_of(const eye_outline& eye, float outward, float width, float roll) {
  const auto& c = eye.contour;
  const float lids = (distance(c[11], c[3]) + distance(c[13], c[5])) / 2;
  const point from_middle{eye.iris[0].x - (c[outer_corner].x + c[inner_corner].x) / 2,
                          eye.iris[0].y - (c[outer_corner].y + c[inner_corner].y) / 2};
  const float x = std::cos(roll) * from_middle.x + std::sin(roll) * from_middle.y;
  const float y = std::cos(roll) * from_middle.y - std::sin(roll) * from_middle.x;
  // Seen from the side, an eye appears narrower. The corners of one that the nose hides may coincide.
  const float visible_width = std::max(distance(c[outer_corner], c[inner_corner]), width / 4);
  const float right = x / visible_width - outward * neutral_outward;
  const float down = y / width + neutral_upward;
  return {.openness = std::max((lids / width - closed_ratio) / (open_ratio - closed_ratio), 0.0F),
          .gaze = {std::clamp(2 * right, -1.0F, 1.0F), std::clamp(2 * down / open_ratio, -1.0F, 1.0F)}};
}

}  // namespace

eye_states eyes_of(const eye_outlines& outlines) {
  const mesh_points& mesh = outlines.mesh.points;
  const auto state = [&](const eye_outline& eye, const corners& at, float outward) {
    // From the mesh, whose points have a depth.
    const float width = std::max(distance(mesh[at.outer], mesh[at.inner]), 0.001F);
    return state_of(eye, outward, width, roll_of(mesh));
  };
  return {state(outlines.left, left_corners, -1), state(outlines.right, right_corners, 1)};
}

}  // namespace emostream::vision
