#include "vision/expression/face_quality.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "vision/expression/quality_limits.hpp"

namespace emostream::vision {

namespace {

float mean_brightness(std::span<const float> crop) {
  double sum = 0;
  for (const float v : crop) sum += v;
  return static_cast<float>(sum / static_cast<double>(crop.size()) / 255);
}

float laplacian_variance(std::span<const float> crop, int size) {
  double sum = 0;
  double square = 0;
  for (int y = 1; y < size - 1; ++y) {
    const float* row = crop.data() + static_cast<std::ptrdiff_t>(y) * size;
    for (int x = 1; x < size - 1; ++x) {
      const float laplacian = row[x - 1] + row[x + 1] + row[x - size] + row[x + size] - 4 * row[x];
      sum += laplacian;
      square += laplacian * laplacian;
    }
  }
  const double count = static_cast<double>(size - 2) * (size - 2);
  return static_cast<float>(square / count - (sum / count) * (sum / count));
}

void flag_crop(face_quality& quality) {
  auto after_size = std::ranges::find_if_not(quality.flags, [](auto flag) { return flag == "too_small"; });
  if (quality.brightness < quality_limits::dark_below) after_size = quality.flags.insert(after_size, "dark");
  if (quality.blur < quality_limits::blurred_below) quality.flags.insert(after_size, "blurred");
}

}  // namespace

face_quality assess_quality(const rect& box, float yaw, std::span<const float> crop, int size) {
  face_quality quality;
  quality.size_px = std::min(box.width, box.height);
  if (quality.size_px < quality_limits::small_px) quality.flags.push_back("too_small");
  if (!crop.empty()) {
    quality.brightness = mean_brightness(crop);
    quality.blur = laplacian_variance(crop, size);
    flag_crop(quality);
  }
  if (std::abs(yaw) > quality_limits::side_view_over) quality.flags.push_back("side_view");
  return quality;
}

void recall_crop_quality(const face_quality& last, face_quality& quality) {
  quality.blur = last.blur;
  quality.brightness = last.brightness;
  flag_crop(quality);
}

void flag_cover(face_quality& quality, const hidden_parts& hidden) {
  if (std::max(hidden.mouth, hidden.eyes) > covered_over)
    quality.flags.insert(std::ranges::find(quality.flags, "side_view"), "covered");
}

}  // namespace emostream::vision
