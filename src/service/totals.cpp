#include "service/totals.hpp"

#include <numeric>
#include <vector>

#include "service/problem.hpp"

namespace emostream::service {

namespace {

histogram seconds_histogram() {
  return histogram({0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5});
}

}  // namespace

stage_histograms::stage_histograms()
    : queue(seconds_histogram()),
      decode(seconds_histogram()),
      detect(seconds_histogram()),
      classify(seconds_histogram()),
      latency(seconds_histogram()) {}

// The words are there from the start: a rate over a counter that appears misses its first step.
totals::totals()
    : refused_connections{{"AUTH_REQUIRED", 0},
                          {"AUTH_FAILED", 0},
                          {"TOKEN_EXPIRED", 0},
                          {"CONNECTION_LIMIT", 0},
                          {"SHUTTING_DOWN", 0}},
      failed{{reason::invalid_payload, 0},
             {reason::frame_too_large, 0},
             {reason::no_image_data, 0},
             {reason::undecodable_image, 0},
             {reason::internal_error, 0}},
      dropped{{reason::not_started, 0},
              {reason::rate_limited, 0},
              {reason::overloaded, 0},
              {reason::shutting_down, 0}} {
  for (std::size_t i = 0; i < pipeline::drop_reason_count; ++i)
    dropped[pipeline::to_string(static_cast<pipeline::drop_reason>(i))] = 0;
}

void totals::count(const pipeline::outcome& what) {
  // Those that no worker took waited as long as their clients wished.
  if (!what.dropped || what.dropped == pipeline::drop_reason::stale)
    seconds.queue.observe(what.queue_ms / 1e3);
  if (what.dropped) {
    ++dropped[pipeline::to_string(*what.dropped)];
  } else if (what.error) {
    ++failed[problem_of_image(what.error).reason];
  } else {
    ++analyzed;
    const vision::stage_times& ms = what.analysis->times;
    seconds.decode.observe(ms.decode / 1e3);
    seconds.detect.observe(ms.detect / 1e3);
    seconds.classify.observe(ms.classify / 1e3);
  }
}

std::uint64_t sum(const tally& t) {
  return std::accumulate(t.begin(), t.end(), std::uint64_t{0},
                         [](std::uint64_t all, const auto& entry) { return all + entry.second; });
}

}  // namespace emostream::service
