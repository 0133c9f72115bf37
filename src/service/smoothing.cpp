#include "service/smoothing.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::service {

expression smoother::update(std::uint64_t face_id, const vision::reading& raw, time_point now) {
  auto& [shown, seen] = faces_[face_id];
  vision::reading& average = shown.reading;
  if (average.probabilities.size() != raw.probabilities.size()) {  // a new face
    shown = {.reading = raw, .dominant = vision::dominant_label(raw)};
    seen = now;
    return shown;
  }

  // Weights of one sum to one, so the probabilities still do.
  const auto weight =
      static_cast<float>(1 - std::exp(-to_ms(now - seen) / static_cast<double>(options_.tau.count())));
  const auto mix = [weight](float old, float fresh) { return old + weight * (fresh - old); };
  std::ranges::transform(average.probabilities, raw.probabilities, average.probabilities.begin(), mix);
  average.valence = mix(average.valence, raw.valence);
  average.arousal = mix(average.arousal, raw.arousal);
  const std::size_t strongest = vision::dominant_label(average);
  if (average.probabilities[strongest] >
      average.probabilities[shown.dominant] + static_cast<float>(options_.hysteresis))
    shown.dominant = strongest;
  seen = now;
  return shown;
}

void smoother::expire(time_point now) {
  std::erase_if(faces_, [&](const auto& entry) { return now - entry.second.seen > options_.lifetime; });
}

}  // namespace emostream::service
