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

/// What never changes while the service runs.
struct identity {
  std::string version{};
  std::string detector{};
  std::string classifier{};
  unsigned workers = 1;
  std::size_t max_connections = 0;
  std::size_t max_sessions = 0;
};

/// How many requests were answered so far, by HTTP status.
using answers = std::map<int, std::uint64_t>;

/// All there is to tell of a moment.
struct facts {
  const identity& is;
  server::server_stats server;
  service::service_stats app;
  pipeline::queue_stats queue;
  answers images;  ///< to requests to analyze one
  const saturation& saturated;
  bool ready = true;
  std::optional<process_facts> process;
};

/// The facts as Prometheus reads them: docs/production.md has a table of the names. No label names a person,
/// an address or a session.
std::string report(const facts& f);

}  // namespace emostream::metrics
