#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace emostream::metrics {

/// The load at one moment. Counters are since the start.
struct load {
  std::uint64_t frames = 0;    ///< frames that the queue has finished: analyzed, failed, replaced or stale
  std::uint64_t lost = 0;      ///< those of `frames` that were replaced or stale
  std::uint64_t rejected = 0;  ///< frames rejected for lack of memory, not in `frames`
  double busy_seconds = 0;     ///< of all workers
  unsigned workers = 1;
  double memory = 0;       ///< used share of the bytes in flight or buffered, whichever is larger
  double connections = 0;  ///< used share of the connections or sessions, whichever is larger
};

/// An alarm with hysteresis: on once a value has been at or over `high` for `rise`, off once it has been
/// under `low` for `fall`. Not thread-safe.
class alarm {
 public:
  struct thresholds {
    double high;
    double low;
    milliseconds rise{3'000};
    milliseconds fall{10'000};
  };
  explicit alarm(thresholds t) : thresholds_(t) {}

  /// `now` must not go backwards.
  void observe(double value, time_point now);
  [[nodiscard]] bool on() const { return on_; }

 private:
  thresholds thresholds_;
  bool on_ = false;
  std::optional<time_point> changing_since_;  ///< since when the values call for the other state
};

/// A resource that can be saturated.
enum class resource { frames, memory, connections };
inline constexpr std::array all_resources{resource::frames, resource::memory, resource::connections};
std::string_view to_string(resource r);

/// Determines which resources are saturated, from the load measured about once a second:
///
/// - frames: at least a third of them is lost while the workers are busy at least 80 % of the time. Neither
///   is sufficient alone: a client that sends in bursts loses frames on an idle server, and a busy server may
///   lose none.
/// - memory: at least 90 % of the limit of bytes in flight or of buffered bytes is used, or frames are
/// rejected
///   in every second for lack of memory.
/// - connections: at least 95 % of the limit is used.
class saturation {
 public:
  void observe(const load& l, time_point now);
  [[nodiscard]] bool is_saturated(resource r) const { return alarms_[static_cast<std::size_t>(r)].on(); }
  /// The first saturated resource, if any.
  [[nodiscard]] std::optional<resource> first_saturated() const;

 private:
  /// The share of frames lost since the last load; 0 if the workers were not busy or the frames are too few.
  [[nodiscard]] double loss_while_busy(const load& l, time_point now) const;

  std::array<alarm, all_resources.size()> alarms_{alarm({.high = 1.0 / 3, .low = 0.1}),
                                                  alarm({.high = 0.9, .low = 0.7}),
                                                  alarm({.high = 0.95, .low = 0.85})};
  load last_;
  std::optional<time_point> last_time_;
};

}  // namespace emostream::metrics
