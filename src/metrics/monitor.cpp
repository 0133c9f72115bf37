#include "metrics/monitor.hpp"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

#include "base/log.hpp"
#include "metrics/exposition.hpp"
#include "net/http/bearer_token.hpp"

namespace emostream::metrics {

bool has_bearer_token(std::optional<std::string_view> authorization, std::string_view token) {
  const auto presented = net::bearer_token(authorization);
  return presented && presented->size() == token.size() &&
         CRYPTO_memcmp(presented->data(), token.data(), token.size()) == 0;
}

monitor::monitor(const server::server& server, const service::emotion_service& app,
                 const pipeline::frame_queue& queue, service_info info,
                 std::function<status_counts()> image_requests)
    : server_(server),
      app_(app),
      queue_(queue),
      info_(std::move(info)),
      image_requests_(std::move(image_requests)) {}

void monitor::observe_load(time_point now) {
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  const auto server = server_.stats();
  const auto app = app_.stats();
  const auto queue = queue_.stats();
  const auto dropped = [&queue](pipeline::drop_reason reason) {
    return queue.dropped[static_cast<std::size_t>(reason)];
  };
  load l{.busy_seconds = queue.busy_ms_sum / 1e3,
         .workers = info_.workers,
         .memory = std::max(share(app.bytes_in_flight, app.max_bytes_in_flight),
                            share(server.buffered_bytes, info_.max_buffered_bytes)),
         .connections = std::max(share(server.connections_open, info_.max_connections),
                                 share(server.sessions_open, info_.max_sessions))};
  l.lost = dropped(pipeline::drop_reason::replaced) + dropped(pipeline::drop_reason::stale);
  l.rejected = app.since_start.frames_dropped[service::reason::overloaded];
  l.frames = queue.analyzed + queue.failed + l.lost;

  const auto before = saturation_.first_saturated();
  saturation_.observe(l, now);
  const auto after = saturation_.first_saturated();
  if (after && after != before) log::warn("saturated", {{"reason", to_string(*after)}});
  if (before && !after) log::info("no longer saturated", {{"reason", to_string(*before)}});
}

std::string monitor::readiness() const {
  if (!app_.ready()) return "draining";
  if (const auto saturated = saturation_.first_saturated())
    return "saturated: " + std::string(to_string(*saturated));
  return "ready";
}

net::http_response monitor::readyz_response() const {
  std::string text = readiness();
  const int status = text == "ready" ? 200 : 503;
  return net::http_response::of(status, "text/plain; charset=utf-8", std::move(text));
}

net::http_response monitor::metrics_response(std::optional<std::string_view> authorization,
                                             std::string_view token) const {
  if (!token.empty() && !has_bearer_token(authorization, token)) {
    auto response = net::http_response::error(401, "A bearer token is needed");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  return net::http_response::of(200, std::string(exposition::content_type),
                                report({.info = info_,
                                        .server = server_.stats(),
                                        .app = app_.stats(),
                                        .queue = queue_.stats(),
                                        .image_requests = image_requests_(),
                                        .saturated = saturation_,
                                        .ready = readiness() == "ready",
                                        .process = read_process(),
                                        .log_lines_dropped = log::dropped_lines()}));
}

}  // namespace emostream::metrics
