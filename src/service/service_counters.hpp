#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string_view>

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "pipeline/frame_queue.hpp"

namespace emostream::service {

/// One counter per reason. The reasons are string constants, such as those of namespace reason.
class counters_by_reason {
 public:
  /// Creates the counters of these reasons with the value 0, so that they are exported from the start:
  /// Prometheus' rate() misses the first step of a counter that appears later.
  counters_by_reason(std::initializer_list<std::string_view> reasons) {
    for (const std::string_view reason : reasons) add(reason);
  }

  /// Creates the counter of that reason with the value 0, unless it exists.
  void add(std::string_view reason) { values_.emplace(reason, 0); }
  void increment(std::string_view reason) { ++values_[reason]; }
  /// The value of that counter; 0 if it does not exist.
  [[nodiscard]] std::uint64_t operator[](std::string_view reason) const;
  [[nodiscard]] std::uint64_t sum() const;

  [[nodiscard]] auto begin() const { return values_.begin(); }
  [[nodiscard]] auto end() const { return values_.end(); }

 private:
  std::map<std::string_view, std::uint64_t> values_;
};

/// The duration of each stage of frame processing, in seconds.
struct stage_histograms {
  histogram queue;  ///< waiting for a worker
  histogram decode;
  histogram detect;
  histogram classify;
  histogram latency;  ///< from the frame's arrival to the emission of its result
  stage_histograms();
};

/// Counters since the start. Each received frame is eventually counted as analyzed, failed or dropped.
struct service_counters {
  std::uint64_t sessions_opened = 0;
  counters_by_reason rejected_connections;  ///< by the code of CONNECT_ERROR
  std::uint64_t frames_received = 0;
  std::uint64_t frame_bytes_received = 0;  ///< of the images of valid frames, as received
  std::uint64_t frames_analyzed = 0;
  counters_by_reason frames_failed;         ///< by the reason in error_message
  counters_by_reason frames_dropped;        ///< by the reason in the acknowledgement
  std::uint64_t results_sent = 0;           ///< a result broadcast to a room counts once
  counters_by_reason errors_sent;           ///< error_message events
  std::uint64_t target_fps_decreased = 0;   ///< status events that advised a lower target_fps
  std::uint64_t target_fps_increased = 0;   ///< status events that advised a higher target_fps
  std::uint64_t account_rate_exceeded = 0;  ///< frames over the rates of their account
  std::uint64_t events_rejected = 0;        ///< events over the rates of their connection or account
  std::uint64_t idle_disconnects = 0;
  stage_histograms stage_seconds;

  service_counters();
  /// Counts the outcome of a frame that was submitted to the queue.
  void record(const pipeline::outcome& outcome);
};

}  // namespace emostream::service
