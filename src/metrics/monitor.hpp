#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "metrics/report.hpp"
#include "metrics/saturation.hpp"
#include "net/http/http_message.hpp"
#include "pipeline/frame_queue.hpp"
#include "server/server.hpp"
#include "service/emotion_service.hpp"

namespace emostream::metrics {

/// Watches a service that runs: whether it is ready for more clients, and how it fares. What it watches must
/// outlive it. I/O thread only.
class monitor {
 public:
  /// `images` tells of the requests to analyze one.
  monitor(const server::server& server, const service::emotion_service& app,
          const pipeline::frame_queue& queue, identity is, std::function<answers()> images);

  /// To be called about once a second: looks how loaded the service is.
  void on_time(time_point now);

  /// "ready", "draining", or what the service is saturated by: `saturated: frames`.
  [[nodiscard]] std::string readiness() const;
  /// What /readyz answers: 200 or 503, and that word.
  [[nodiscard]] net::http_response ready() const;
  /// What /metrics answers to a request with that Authorization header. If `token` is not empty, only who
  /// bears it (RFC 6750) is told anything.
  [[nodiscard]] net::http_response metrics(std::optional<std::string_view> authorization,
                                           std::string_view token) const;

 private:
  const server::server& server_;
  const service::emotion_service& app_;
  const pipeline::frame_queue& queue_;
  const identity is_;
  const std::function<answers()> images_;
  saturation saturation_;
};

/// Whether a request with that Authorization header bears the token; in a time that does not tell where they
/// begin to differ.
bool bears(std::optional<std::string_view> authorization, std::string_view token);

}  // namespace emostream::metrics
