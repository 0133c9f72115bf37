#include "service/smoothing.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::service {

expression smoother::update(std::uint64_t face_id, const vision::reading& raw, time_point now) {
  auto& [smoothed, updated] = faces_[face_id];
  vision::reading& average = smoothed.reading;
  if (average.probabilities.size() != raw.probabilities.size()) {  // a new face
    smoothed = {.reading = raw, .dominant = vision::dominant_label(raw)};
    updated = now;
    return smoothed;
  }

  // The two weights sum to 1, so the probabilities still do.
  const auto weight =
      static_cast<float>(1 - std::exp(-to_ms(now - updated) / static_cast<double>(options_.tau.count())));
  const auto mix = [weight](float previous, float current) {
    return previous + weight * (current - previous);
  };
  std::ranges::transform(average.probabilities, raw.probabilities, average.probabilities.begin(), mix);
  average.valence = mix(average.valence, raw.valence);
  average.arousal = mix(average.arousal, raw.arousal);
  const std::size_t strongest = vision::dominant_label(average);
  if (average.probabilities[strongest] >
      average.probabilities[smoothed.dominant] + static_cast<float>(options_.hysteresis))
    smoothed.dominant = strongest;
  updated = now;
  return smoothed;
}

void smoother::expire(time_point now) {
  std::erase_if(faces_, [&](const auto& entry) { return now - entry.second.updated > options_.lifetime; });
}

}  // namespace emostream::service
