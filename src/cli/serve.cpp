#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "api/analyze_endpoint.hpp"
#include "api/documents.hpp"
#include "base/log.hpp"
#include "base/open_files.hpp"
#include "cli/assets.hpp"
#include "cli/authority.hpp"
#include "cli/commands.hpp"
#include "cli/models.hpp"
#include "metrics/monitor.hpp"
#include "net/http/static_files.hpp"
#include "pipeline/frame_queue.hpp"
#include "server/server.hpp"
#include "service/application.hpp"
#include "vision/analyzer.hpp"
#include "vision/stream.hpp"

namespace emostream::cli {

namespace {

using namespace std::chrono_literals;

server::options server_options(const settings& s, const assets& files) {
  server::options o;
  o.net.host = s.server.host;
  o.net.port = static_cast<std::uint16_t>(s.server.port);
  o.net.tls_certificate = s.server.tls_certificate;
  o.net.tls_key = s.server.tls_key;
  o.net.cors_origins = s.server.cors_origins;
  o.net.trusted_proxies = s.server.trusted_proxies;
  o.net.proxy_headers =
      s.server.proxy_headers == "forwarded" ? net::forwarded_by::forwarded : net::forwarded_by::x_forwarded;
  o.net.max_connections_per_address = static_cast<std::size_t>(s.server.max_connections_per_address);
  o.net.cors_credentials = s.server.cors_credentials;
  if (!s.server.cookie.empty()) o.net.cookie = net::session_cookie{.name = s.server.cookie};
  if (!s.server.http_compression) o.net.http_compression = std::nullopt;
  if (s.server.per_message_deflate) o.net.per_message_deflate.emplace();
  o.net.max_connections = static_cast<std::size_t>(s.server.max_connections);
  o.net.max_sessions = static_cast<std::size_t>(s.server.max_sessions);
  o.net.drain_grace = milliseconds(s.server.drain_grace_ms);
  o.net.engineio.ping_interval = milliseconds(s.server.ping_interval_ms);
  o.net.engineio.ping_timeout = milliseconds(s.server.ping_timeout_ms);
  o.net.engineio.allow_eio3 = s.server.allow_eio3;
  o.net.engineio.max_http_buffer_size = static_cast<std::size_t>(s.server.max_payload_bytes);
  o.socketio.max_attachment_bytes = o.net.engineio.max_http_buffer_size;
  o.paths = {"/ws/socket.io/", "/socket.io/"};
  o.serve_client = files.client_bundle;
  return o;
}

service::options limits(const settings& s) {
  service::options o;
  o.account.max_connections = static_cast<std::size_t>(s.account.max_connections);
  o.max_rooms = static_cast<std::size_t>(s.server.max_rooms);
  o.account.max_fps = s.account.rate;
  o.account.max_requests = static_cast<std::size_t>(s.account.max_requests);
  o.account.burst = static_cast<int>(s.account.burst);
  o.account.max_bytes_per_second = s.account.bytes_per_second;
  o.account.burst_bytes = std::max(s.account.bytes_per_second, s.server.max_payload_bytes);
  o.idle_timeout = std::chrono::seconds(s.account.idle_timeout_s);
  o.max_bytes_in_flight = static_cast<std::size_t>(s.frames.max_bytes_in_flight);
  o.image = frame_limits(s);
  o.max_fps = s.frames.rate;
  o.burst = static_cast<int>(s.frames.burst);
  o.max_bad_frames = static_cast<int>(s.frames.max_bad);
  o.min_confidence = s.vision.min_confidence;
  o.pace = {.decrease_above = milliseconds(s.pace.too_long_ms),
            .increase_below = milliseconds(s.pace.short_ms),
            .increase_interval = milliseconds(s.pace.climb_every_ms)};
  o.smoothing = {.tau = milliseconds(s.smoothing.tau_ms), .hysteresis = s.smoothing.hysteresis};
  return o;
}

pipeline::queue_options queue_options(const settings& s) {
  return {.workers = static_cast<unsigned>(s.vision.workers),
          .deadline = milliseconds(s.frames.deadline_ms),
          .fresh = milliseconds(s.frames.fresh_ms)};
}

vision::stream_options stream_options(const settings& s) {
  return {.detect_every = static_cast<int>(s.vision.detect_every),
          .detect_after = milliseconds(s.vision.detect_after_ms),
          .id_lifetime = milliseconds(s.vision.id_lifetime_ms),
          .reuse_for = milliseconds(s.vision.reuse_ms)};
}

/// For an image that has none before it.
pipeline::frame_queue::analyze_function alone(const vision::analyzer& models) {
  return [&models](auto image, const auto& wanted, time_point, vision::analysis& into) -> std::error_code {
    auto done = models.analyze(image, wanted);
    if (!done) return done.error();
    into = std::move(*done);
    return {};
  };
}

/// For the frames of one connection.
pipeline::frame_queue::analyze_function in_sequence(const vision::analyzer& models,
                                                    const vision::stream_options& options) {
  return [frames = models.open_stream(options)](auto image, const auto& wanted, time_point received,
                                                vision::analysis& into) mutable {
    return frames.analyze(image, wanted, received, into);
  };
}

std::string base_url(const settings& s, std::uint16_t port) {
  const auto& host = s.server.host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (s.server.tls_certificate.empty() ? "http://" : "https://") + (is_ipv6 ? '[' + host + ']' : host) +
         ':' + std::to_string(port);
}

net::http_response plain_text(int status, std::string text) {
  return net::http_response::of(status, "text/plain; charset=utf-8", std::move(text));
}

/// Calls on_time() of both each second, as long as it lives.
class ticker {
 public:
  ticker(server::server& server, service::application& app, metrics::monitor& monitor)
      : server_(server), app_(app), monitor_(monitor) {
    arm();
  }

 private:
  void arm() {
    timer_ = server_.after(1s, [this] {
      app_.on_time();
      monitor_.on_time(steady_clock::now());
      arm();
    });
  }
  server::server& server_;
  service::application& app_;
  metrics::monitor& monitor_;
  net::timer timer_;
};

/// A link to the console may name a server: its scripts are not to run here, with this origin's camera.
constexpr auto* console_policy =
    "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'";

void add_routes(server::server& server, const metrics::monitor& monitor, api::analyze_endpoint& analyze,
                const assets& files) {
  server.route("POST", "/api/v1/analyze",
               [&analyze](request_head head) { return analyze.plan(std::move(head)); });
  api::add_documents(
      [&server](auto method, auto path, auto handler) { server.route(method, path, std::move(handler)); },
      files.documents);
  server.route("GET", "/healthz",
               [](const net::http_request&, net::http_responder respond) { respond(plain_text(200, "ok")); });
  server.route("GET", "/readyz", [&monitor](const net::http_request&, net::http_responder respond) {
    respond(monitor.ready());
  });
  server.route("GET", "/*", net::with_policy(net::static_folder("/", files.console), console_policy));
}

void add_metrics(server::server& server, const metrics::monitor& monitor, const std::string& token) {
  const auto handle = [&monitor, token](const net::http_request& request, net::http_responder respond) {
    respond(monitor.metrics(request.head.header("authorization"), token));
  };
  server.route("GET", "/metrics", handle);
}

void print_line(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// As many connections as there may be open files for: more could not even be refused.
std::int64_t affordable_connections(std::int64_t wanted) {
  constexpr int for_the_rest = 100;  // files, pollers, and connections that are turned away
  const auto allowed =
      static_cast<std::int64_t>(raise_open_files_limit(static_cast<std::size_t>(wanted) + for_the_rest));
  const auto affordable = std::max<std::int64_t>(std::min(wanted, allowed - for_the_rest), 1);
  if (affordable < wanted)
    log::warn("fewer connections than server.max_connections, by the limit of open files",
              {{"connections", affordable}, {"open_files", allowed}});
  return affordable;
}

}  // namespace

int serve(settings s, bool development) {
  s.server.max_connections = affordable_connections(s.server.max_connections);
  const auto files = assets::find();
  const auto tokens = make_authority(s, development);
  const auto models = load_models(s, files, frame_limits(s));

  // The order is that of who needs whom: workers post to the server until the queue is gone.
  server::server server(server_options(s, files));
  pipeline::frame_queue queue(queue_options(s));
  service::application app(
      limits(s), tokens, describe(*models), queue,
      [&models, options = stream_options(s)] mutable {
        ++options.detection_phase;
        return in_sequence(*models, options);
      },
      [&server](auto task) { server.post(std::move(task)); });

  api::analyze_endpoint analyze(
      limits(s), tokens, describe(*models), queue, [&models] { return alone(*models); },
      [&app](const std::string& account, std::size_t bytes) {
        return app.admit_frame(*app.find_account(account), bytes);
      },
      [&server](auto task) { server.post(std::move(task)); });

  app.attach(server.of("/emotion-detection"));
  server.alias("/ws/emotion-detection", "/emotion-detection");
  metrics::monitor monitor(server, app, queue,
                           {.version = EMOSTREAM_VERSION,
                            .model = describe(*models),
                            .workers = queue.workers(),
                            .max_connections = static_cast<std::size_t>(s.server.max_connections),
                            .max_sessions = static_cast<std::size_t>(s.server.max_sessions)},
                           [&analyze] { return analyze.answered(); });
  add_routes(server, monitor, analyze, files);
  if (s.server.metrics || development) add_metrics(server, monitor, s.server.metrics_token);
  server.on_drain([&app](auto done) { app.drain(std::move(done)); });
  server.on_drain([&analyze](auto done) { analyze.drain(std::move(done)); });
  int asked_to_stop = 0;
  const auto on_signal = [&](int signal) {
    if (signal == SIGHUP) return server.reload_certificate();
    if (++asked_to_stop > 1) return server.stop_now();
    log::info("draining; another signal ends it at once", {{"sessions", app.stats().sessions}});
    server.stop();
  };
  if (s.server.tls_certificate.empty())
    server.on_signals({SIGINT, SIGTERM}, on_signal);
  else
    server.on_signals({SIGINT, SIGTERM, SIGHUP}, on_signal);
  const ticker clock(server, app, monitor);

  const auto port = server.listen();
  if (!port && port.error() == std::errc::invalid_argument)
    throw config_error("server.host must be an IP address such as 127.0.0.1, 0.0.0.0 or ::, not " +
                       s.server.host);
  if (!port)
    throw std::runtime_error("cannot listen on " + s.server.host + " port " + std::to_string(s.server.port) +
                             ": " + port.error().message());
  const auto url = base_url(s, *port);
  log::info("started", {{"version", EMOSTREAM_VERSION},
                        {"url", url},
                        {"workers", queue.workers()},
                        {"detector", models->detector_name()},
                        {"classifier", models->classifier_name()}});
  print_line("ready " + url);
  if (development) print_line("page  " + url + "/#token=" + tokens.sign("developer", wall_clock::now(), 24h));

  server.run();
  if (asked_to_stop > 1) {
    log::warn("stopped without having drained");
    return 1;
  }
  log::info("drained");
  return 0;
}

}  // namespace emostream::cli
