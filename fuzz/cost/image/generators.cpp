#include "generators.hpp"

#include <algorithm>
#include <random>

namespace emostream::fuzzing {

picture_size choose_size(choices& from, int max_side) {
  constexpr int pixels = 1920 * 1080;
  const int longer = std::min(pixels / 32, max_side);
  const int shorter = pixels / longer;
  return from.of<picture_size>({{1920, 1080},
                                {1080, 1920},
                                {longer, shorter},
                                {shorter, longer},
                                {1440, 1440},
                                {1919, 1079},
                                {640, 480},
                                {256, 256},
                                {33, 33}});
}

bytes choose_samples(choices& from, std::size_t count) {
  const auto kind = from.below(5);
  const int amplitude = from.between(0, 255);
  const std::size_t period = 1 + from.below(64);
  std::minstd_rand random(static_cast<unsigned>(1 + from.below(1000)));
  bytes samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    int value = 128;
    if (kind == 1) value = static_cast<int>(i / period);
    if (kind == 2) value = amplitude == 0 ? 0 : static_cast<int>(random() % static_cast<unsigned>(amplitude));
    if (kind == 3) value = i / period % 2 == 0 ? amplitude : 0;
    if (kind == 4) value = random() % 64 < period ? static_cast<int>(random() % 256) : amplitude;
    samples[i] = static_cast<std::uint8_t>(value);
  }
  return samples;
}

}  // namespace emostream::fuzzing
