#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace emostream::metrics {

/// How much there is to do at one moment. Counters are since the start.
struct load {
  std::uint64_t frames = 0;   ///< whose fate the queue decided
  std::uint64_t lost = 0;     ///< of these, replaced by a newer one or too long in waiting
  std::uint64_t refused = 0;  ///< beside these: there was no memory for them
  double busy_seconds = 0;    ///< of all workers
  unsigned workers = 1;
  double memory = 0;       ///< share of the budget of images in flight that is used
  double connections = 0;  ///< share of the connections or sessions there may be
};

/// Says yes once a value has been at or over `high` for `rise`, and no once it has been under `low` for
/// `fall`: it neither starts at a peak nor flaps around a mark. One thread at a time.
class alarm {
 public:
  struct marks {
    double high;
    double low;
    milliseconds rise{3'000};
    milliseconds fall{10'000};
  };
  explicit alarm(marks m) : marks_(m) {}

  /// `now` must not go backwards.
  void observe(double value, time_point now);
  [[nodiscard]] bool on() const { return on_; }

 private:
  marks marks_;
  bool on_ = false;
  std::optional<time_point> against_;  ///< since when values speak against what it says
};

/// What there is too much of for new clients to be welcome.
enum class excess { frames, memory, connections };
inline constexpr std::array all_excesses{excess::frames, excess::memory, excess::connections};
std::string_view to_string(excess e);

/// Whether the server is saturated, from what is measured about once a second:
/// frames: a third of them is lost while the workers are at work for four fifths of the time. Either alone
/// says little: a client that sends in bursts loses frames on an idle server, and a busy one may lose none.
/// memory: nine tenths of the budget of images in flight are used, or there are frames, each second, that it
/// has no room for.
/// connections: nineteen of twenty places are taken.
class saturation {
 public:
  void observe(const load& l, time_point now);
  [[nodiscard]] bool by(excess e) const { return alarms_[static_cast<std::size_t>(e)].on(); }
  /// The first of them, if there is any.
  [[nodiscard]] std::optional<excess> what() const;

 private:
  /// The share of the frames since the last load.
  [[nodiscard]] double lost_at_work(const load& l, time_point now) const;

  std::array<alarm, all_excesses.size()> alarms_{alarm({.high = 1.0 / 3, .low = 0.1}),
                                                 alarm({.high = 0.9, .low = 0.7}),
                                                 alarm({.high = 0.95, .low = 0.85})};
  load last_;
  std::optional<time_point> last_time_;
};

}  // namespace emostream::metrics
