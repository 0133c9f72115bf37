#include "service/service_counters.hpp"

#include <numeric>

#include "service/request_error.hpp"

namespace emostream::service {

namespace {

histogram seconds_histogram() {
  return histogram({0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5});
}

}  // namespace

std::uint64_t counters_by_reason::operator[](std::string_view reason) const {
  const auto it = values_.find(reason);
  return it == values_.end() ? 0 : it->second;
}

std::uint64_t counters_by_reason::sum() const {
  return std::accumulate(values_.begin(), values_.end(), std::uint64_t{0},
                         [](std::uint64_t total, const auto& entry) { return total + entry.second; });
}

stage_histograms::stage_histograms()
    : queue(seconds_histogram()),
      decode(seconds_histogram()),
      detect(seconds_histogram()),
      classify(seconds_histogram()),
      latency(seconds_histogram()) {}

service_counters::service_counters()
    : rejected_connections{connect_code::auth_required, connect_code::auth_failed,
                           connect_code::token_expired, connect_code::connection_limit,
                           connect_code::rate_limited,  connect_code::shutting_down},
      frames_failed{reason::invalid_payload, reason::frame_too_large, reason::no_image_data,
                    reason::undecodable_image, reason::internal_error},
      frames_dropped{reason::not_started, reason::rate_limited, reason::overloaded, reason::shutting_down},
      errors_sent{} {
  for (std::size_t i = 0; i < pipeline::drop_reason_count; ++i)
    frames_dropped.add(pipeline::to_string(static_cast<pipeline::drop_reason>(i)));
}

void service_counters::record(const pipeline::outcome& outcome) {
  // How long a replaced or cancelled frame waited depends on its client and says nothing about the queue.
  if (!outcome.dropped || outcome.dropped == pipeline::drop_reason::stale)
    stage_seconds.queue.observe(outcome.queue_ms / 1e3);
  if (outcome.dropped) {
    frames_dropped.increment(pipeline::to_string(*outcome.dropped));
  } else if (outcome.error) {
    frames_failed.increment(reason_of(outcome.error));
  } else {
    ++frames_analyzed;
    const vision::stage_times& ms = outcome.analysis->times;
    stage_seconds.decode.observe(ms.decode / 1e3);
    stage_seconds.detect.observe(ms.detect / 1e3);
    stage_seconds.classify.observe(ms.classify / 1e3);
  }
}

}  // namespace emostream::service
