#include "service/smoothing.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::service {

std::size_t largest(std::span<const float> probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

expression smoother::update(std::uint64_t face_id, const expression& raw, time_point now) {
  const auto [it, is_new] = faces_.try_emplace(face_id, face{raw, now});
  auto& [shown, seen] = it->second;
  if (is_new || shown.probabilities.size() != raw.probabilities.size()) {
    shown = raw;
    shown.dominant = largest(raw.probabilities);
    seen = now;
    return shown;
  }

  // Weights of one sum to one, so the probabilities still do.
  const auto weight =
      static_cast<float>(1 - std::exp(-to_ms(now - seen) / static_cast<double>(options_.tau.count())));
  const auto mix = [weight](float old, float fresh) { return old + weight * (fresh - old); };
  std::ranges::transform(shown.probabilities, raw.probabilities, shown.probabilities.begin(), mix);
  shown.valence = mix(shown.valence, raw.valence);
  shown.arousal = mix(shown.arousal, raw.arousal);
  const std::size_t strongest = largest(shown.probabilities);
  if (shown.probabilities[strongest] >
      shown.probabilities[shown.dominant] + static_cast<float>(options_.hysteresis))
    shown.dominant = strongest;
  seen = now;
  return shown;
}

void smoother::expire(time_point now) {
  std::erase_if(faces_, [&](const auto& entry) { return now - entry.second.seen > options_.lifetime; });
}

}  // namespace emostream::service
