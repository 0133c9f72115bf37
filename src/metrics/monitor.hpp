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

/// Observes the running service for /readyz and /metrics. The observed objects must outlive it. I/O thread
/// only.
class monitor {
 public:
  /// `image_requests` returns the counts of the responses of POST /api/v1/analyze.
  monitor(const server::server& server, const service::emotion_service& app,
          const pipeline::frame_queue& queue, service_info info,
          std::function<status_counts()> image_requests);

  /// Measures the load. Call about once a second.
  void observe_load(time_point now);

  /// "ready", "draining", or the saturated resource, as in "saturated: frames".
  [[nodiscard]] std::string readiness() const;
  /// The response of /readyz: 200 or 503 with readiness() as its text.
  [[nodiscard]] net::http_response readyz_response() const;
  /// The response of /metrics to a request with this Authorization header. If `token` is not empty, requests
  /// must present it as a bearer token (RFC 6750).
  [[nodiscard]] net::http_response metrics_response(std::optional<std::string_view> authorization,
                                                    std::string_view token) const;

 private:
  const server::server& server_;
  const service::emotion_service& app_;
  const pipeline::frame_queue& queue_;
  const service_info info_;
  const std::function<status_counts()> image_requests_;
  saturation saturation_;
};

/// True if the Authorization header has this bearer token. Compares in constant time.
bool has_bearer_token(std::optional<std::string_view> authorization, std::string_view token);

}  // namespace emostream::metrics
