#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "metrics/process.hpp"
#include "metrics/saturation.hpp"
#include "pipeline/frame_queue.hpp"
#include "server/server_stats.hpp"
#include "service/emotion_service.hpp"

namespace emostream::metrics {

/// Properties that do not change while the service runs.
struct service_info {
  std::string version{};
  std::string detector{};
  std::string classifier{};
  unsigned workers = 1;
  std::size_t max_connections = 0;
  std::size_t max_sessions = 0;
  std::size_t max_buffered_bytes = 0;
};

/// The number of responses so far, by HTTP status.
using status_counts = std::map<int, std::uint64_t>;

/// Everything that is reported in one scrape.
struct snapshot {
  const service_info& info;
  server::server_stats server;
  service::service_stats app;
  pipeline::queue_stats queue;
  status_counts image_requests;  ///< responses of POST /api/v1/analyze
  const saturation& saturated;
  bool ready = true;
  std::optional<process_usage> process;
  std::uint64_t log_lines_dropped = 0;
};

/// The snapshot in Prometheus' text format; docs/production.md lists the metrics. No label identifies a user,
/// an address or a session.
std::string report(const snapshot& s);

}  // namespace emostream::metrics
