#include "vision/synthetic_scene.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::vision::testing {

namespace {

/// The gray level of an identity's pattern. u and v are relative to the face's centre, in units of half its
/// side, along axes that turn with the face.
float pattern(int identity, float u, float v) {
  float sum = 0;
  for (int k = 1; k <= 4; ++k) {
    const auto angle = static_cast<float>(identity) * 2.4F + static_cast<float>(k) * 1.9F;
    const float frequency = 2 + std::fmod(static_cast<float>(identity * k) * 1.37F, 5.0F);  // angular
    sum += std::cos(frequency * (u * std::cos(angle) + v * std::sin(angle)) + angle * 1.7F);
  }
  return 128 + 24 * sum;
}

float background(float x, float y) {
  return 100 + 30 * std::sin(x / 47) * std::cos(y / 61);
}

}  // namespace

image render_scene(int width, int height, const std::vector<synthetic_face>& faces, float brightness) {
  image i{width, height, {}, 1};
  i.pixels.reserve(static_cast<std::size_t>(width * height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto px = static_cast<float>(x) + 0.5F;
      const auto py = static_cast<float>(y) + 0.5F;
      float value = background(px, py);
      for (const synthetic_face& f : faces) {
        const float dx = (px - f.x) / (f.side / 2);
        const float dy = (py - f.y) / (f.side / 2);
        const float u = std::cos(f.roll) * dx + std::sin(f.roll) * dy;
        const float v = std::cos(f.roll) * dy - std::sin(f.roll) * dx;
        if (u * u + v * v < 1.4F) value = pattern(f.identity, u, v);
      }
      i.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value * brightness, 0.0F, 255.0F)));
    }
  }
  return i;
}

detection detection_of(const synthetic_face& f, float confidence) {
  detection d{.confidence = confidence, .box = {f.x - f.side / 2, f.y - f.side / 2, f.side, f.side}};
  // Eyes, nose, mouth and ears relative to the centre, in units of half the box's side.
  constexpr std::array<point, keypoint_count> upright{
      {{-0.42F, -0.28F}, {0.42F, -0.28F}, {0, 0.1F}, {0, 0.45F}, {-0.9F, -0.1F}, {0.9F, -0.1F}}};
  keypoints& points = d.landmarks.emplace();
  for (std::size_t k = 0; k < points.size(); ++k) {
    const point p{upright[k].x * f.side / 2, upright[k].y * f.side / 2};
    points[k] = {f.x + std::cos(f.roll) * p.x - std::sin(f.roll) * p.y,
                 f.y + std::sin(f.roll) * p.x + std::cos(f.roll) * p.y};
  }
  return d;
}

}  // namespace emostream::vision::testing
