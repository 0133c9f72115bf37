#include "metrics/monitor.hpp"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

#include "base/log.hpp"
#include "metrics/exposition.hpp"

namespace emostream::metrics {

bool bears(std::optional<std::string_view> authorization, std::string_view token) {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization || !authorization->starts_with(scheme)) return false;
  const std::string_view borne = authorization->substr(scheme.size());
  return borne.size() == token.size() && CRYPTO_memcmp(borne.data(), token.data(), token.size()) == 0;
}

monitor::monitor(const server::server& server, const service::emotion_service& app,
                 const pipeline::frame_queue& queue, identity is, std::function<answers()> images)
    : server_(server), app_(app), queue_(queue), is_(std::move(is)), images_(std::move(images)) {}

void monitor::on_time(time_point now) {
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  const auto server = server_.stats();
  const auto app = app_.stats();
  const auto queue = queue_.stats();
  const auto dropped = [&queue](pipeline::drop_reason why) {
    return queue.dropped[static_cast<std::size_t>(why)];
  };
  load l{.busy_seconds = queue.busy_ms_sum / 1e3,
         .workers = is_.workers,
         .memory = share(app.bytes_in_flight, app.max_bytes_in_flight),
         .connections = std::max(share(server.connections_open, is_.max_connections),
                                 share(server.sessions_open, is_.max_sessions))};
  l.lost = dropped(pipeline::drop_reason::replaced) + dropped(pipeline::drop_reason::stale);
  l.refused = app.since_start.frames_dropped[service::reason::overloaded];
  l.frames = queue.analyzed + queue.failed + l.lost;

  const auto before = saturation_.what();
  saturation_.observe(l, now);
  const auto after = saturation_.what();
  if (after && after != before) log::warn("saturated", {{"reason", to_string(*after)}});
  if (before && !after) log::info("no longer saturated", {{"reason", to_string(*before)}});
}

std::string monitor::readiness() const {
  if (!app_.ready()) return "draining";
  if (const auto what = saturation_.what()) return "saturated: " + std::string(to_string(*what));
  return "ready";
}

net::http_response monitor::ready() const {
  std::string word = readiness();
  const int status = word == "ready" ? 200 : 503;
  return net::http_response::of(status, "text/plain; charset=utf-8", std::move(word));
}

net::http_response monitor::metrics(std::optional<std::string_view> authorization,
                                    std::string_view token) const {
  if (!token.empty() && !bears(authorization, token)) {
    auto refusal = net::http_response::error(401, "A bearer token is needed");
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return refusal;
  }
  return net::http_response::of(200, std::string(exposition::content_type),
                                report({.is = is_,
                                        .server = server_.stats(),
                                        .app = app_.stats(),
                                        .queue = queue_.stats(),
                                        .images = images_(),
                                        .saturated = saturation_,
                                        .ready = readiness() == "ready",
                                        .process = read_process()}));
}

}  // namespace emostream::metrics
