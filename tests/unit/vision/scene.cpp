#include "vision/scene.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::vision::testing {

namespace {

/// u and v run from -1 to 1 over the box.
float look(int who, float u, float v) {
  float sum = 0;
  for (int k = 1; k <= 4; ++k) {
    const auto seed = static_cast<float>(who) * 2.4F + static_cast<float>(k) * 1.9F;
    const float waves = 2 + std::fmod(static_cast<float>(who * k) * 1.37F, 5.0F);
    sum += std::cos(waves * (u * std::cos(seed) + v * std::sin(seed)) + seed * 1.7F);
  }
  return 128 + 24 * sum;
}

float background(float x, float y) {
  return 100 + 30 * std::sin(x / 47) * std::cos(y / 61);
}

}  // namespace

image scene(int width, int height, const std::vector<actor>& actors, float light) {
  image i{width, height, {}, 1};
  i.pixels.reserve(static_cast<std::size_t>(width * height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto px = static_cast<float>(x) + 0.5F;
      const auto py = static_cast<float>(y) + 0.5F;
      float value = background(px, py);
      for (const actor& a : actors) {
        const float dx = (px - a.x) / (a.side / 2);
        const float dy = (py - a.y) / (a.side / 2);
        const float u = std::cos(a.roll) * dx + std::sin(a.roll) * dy;
        const float v = std::cos(a.roll) * dy - std::sin(a.roll) * dx;
        if (u * u + v * v < 1.4F) value = look(a.who, u, v);
      }
      i.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value * light, 0.0F, 255.0F)));
    }
  }
  return i;
}

face_place place_of(const actor& a, float confidence) {
  face_place place{.confidence = confidence, .box = {a.x - a.side / 2, a.y - a.side / 2, a.side, a.side}};
  // Eyes, nose, mouth and ears, in halves of the box's side from its middle.
  constexpr std::array<point, keypoint_count> upright{
      {{-0.42F, -0.28F}, {0.42F, -0.28F}, {0, 0.1F}, {0, 0.45F}, {-0.9F, -0.1F}, {0.9F, -0.1F}}};
  keypoints& points = place.landmarks.emplace();
  for (std::size_t k = 0; k < points.size(); ++k) {
    const point p{upright[k].x * a.side / 2, upright[k].y * a.side / 2};
    points[k] = {a.x + std::cos(a.roll) * p.x - std::sin(a.roll) * p.y,
                 a.y + std::sin(a.roll) * p.x + std::cos(a.roll) * p.y};
  }
  return place;
}

}  // namespace emostream::vision::testing
