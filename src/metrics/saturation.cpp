#include "metrics/saturation.hpp"

#include <algorithm>

namespace emostream::metrics {

void alarm::observe(double value, time_point now) {
  const bool changing = on_ ? value < thresholds_.low : value >= thresholds_.high;
  if (!changing) return changing_since_.reset();
  if (!changing_since_) changing_since_ = now;
  if (now - *changing_since_ < (on_ ? thresholds_.fall : thresholds_.rise)) return;
  on_ = !on_;
  changing_since_.reset();
}

std::string_view to_string(resource r) {
  switch (r) {
    case resource::frames:
      return "frames";
    case resource::memory:
      return "memory";
    case resource::connections:
      return "connections";
  }
  return "unknown";
}

double saturation::loss_while_busy(const load& l, time_point now) const {
  if (!last_time_ || now <= *last_time_) return 0;
  constexpr std::uint64_t min_frames = 5;  // fewer frames are not significant
  constexpr double busy_threshold = 0.8;
  const std::uint64_t frames = l.frames - last_.frames;
  const double seconds = std::chrono::duration<double>(now - *last_time_).count();
  const double busy = (l.busy_seconds - last_.busy_seconds) / (seconds * l.workers);
  if (frames < min_frames || busy < busy_threshold) return 0;
  return static_cast<double>(l.lost - last_.lost) / static_cast<double>(frames);
}

void saturation::observe(const load& l, time_point now) {
  const auto observe = [&](resource r, double value) {
    alarms_[static_cast<std::size_t>(r)].observe(value, now);
  };
  observe(resource::frames, loss_while_busy(l, now));
  observe(resource::memory, l.rejected > last_.rejected ? 1 : l.memory);
  observe(resource::connections, l.connections);
  last_ = l;
  last_time_ = now;
}

std::optional<resource> saturation::first_saturated() const {
  const auto* const first =
      std::ranges::find_if(all_resources, [this](resource r) { return is_saturated(r); });
  return first == all_resources.end() ? std::nullopt : std::optional(*first);
}

}  // namespace emostream::metrics
