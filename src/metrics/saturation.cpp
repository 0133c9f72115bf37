#include "metrics/saturation.hpp"

#include <algorithm>

namespace emostream::metrics {

void alarm::observe(double value, time_point now) {
  const bool against = on_ ? value < marks_.low : value >= marks_.high;
  if (!against) return against_.reset();
  if (!against_) against_ = now;
  if (now - *against_ < (on_ ? marks_.fall : marks_.rise)) return;
  on_ = !on_;
  against_.reset();
}

std::string_view to_string(excess e) {
  switch (e) {
    case excess::frames:
      return "frames";
    case excess::memory:
      return "memory";
    case excess::connections:
      return "connections";
  }
  return "unknown";
}

double saturation::lost_at_work(const load& l, time_point now) const {
  if (!last_time_ || now <= *last_time_) return 0;
  constexpr std::uint64_t enough = 5;  // fewer frames say nothing
  constexpr double at_work = 0.8;
  const std::uint64_t frames = l.frames - last_.frames;
  const double seconds = std::chrono::duration<double>(now - *last_time_).count();
  const double busy = (l.busy_seconds - last_.busy_seconds) / (seconds * l.workers);
  if (frames < enough || busy < at_work) return 0;
  return static_cast<double>(l.lost - last_.lost) / static_cast<double>(frames);
}

void saturation::observe(const load& l, time_point now) {
  const auto observe = [&](excess e, double value) {
    alarms_[static_cast<std::size_t>(e)].observe(value, now);
  };
  observe(excess::frames, lost_at_work(l, now));
  observe(excess::memory, l.refused > last_.refused ? 1 : l.memory);
  observe(excess::connections, l.connections);
  last_ = l;
  last_time_ = now;
}

std::optional<excess> saturation::what() const {
  const auto* const first = std::ranges::find_if(all_excesses, [this](excess e) { return by(e); });
  return first == all_excesses.end() ? std::nullopt : std::optional(*first);
}

}  // namespace emostream::metrics
