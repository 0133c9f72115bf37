#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "pipeline/frame_queue.hpp"

namespace emostream::service {

/// Counts by a word out of a fixed set.
using tally = std::map<std::string_view, std::uint64_t>;

/// Where the time of frames goes, in seconds.
struct stage_histograms {
  histogram queue;  ///< until a worker took it
  histogram decode;
  histogram detect;
  histogram classify;
  histogram latency;  ///< from its arrival to its result's emission
  stage_histograms();
};

/// What happened since the start. Each frame received is at last one of analyzed, failed and dropped.
struct totals {
  std::uint64_t connections = 0;
  tally refused_connections;      ///< by the code of CONNECT_ERROR
  std::uint64_t frames = 0;       ///< received
  std::uint64_t frame_bytes = 0;  ///< of the images of good ones, as they came
  std::uint64_t analyzed = 0;
  tally failed;                    ///< by the reason of error_message
  tally dropped;                   ///< by the reason of the acknowledgement, and not_started
  std::uint64_t results = 0;       ///< sent, each once however many hear it
  tally errors;                    ///< error_message events, by reason
  std::uint64_t pace_lowered = 0;  ///< target_fps told
  std::uint64_t pace_raised = 0;
  std::uint64_t account_limited = 0;  ///< frames over the rates of their account
  std::uint64_t idle_closed = 0;      ///< connections
  stage_histograms seconds;

  totals();
  /// What became of a frame that was submitted.
  void count(const pipeline::outcome& what);
};

/// All of them.
std::uint64_t sum(const tally& t);

}  // namespace emostream::service
