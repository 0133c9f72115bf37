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
#include "service/emotion_service.hpp"
#include "vision/analyzer.hpp"
#include "vision/stream.hpp"

namespace emostream::cli {

namespace {

using namespace std::chrono_literals;

server::options server_options(const settings& s, const assets& files) {
  auto o = s.server;
  o.paths = {"/ws/socket.io/", "/socket.io/"};
  o.serve_client = files.client_bundle;
  return o;
}

/// An analyze function for images that are independent of each other.
pipeline::frame_queue::analyze_function single_image(const vision::analyzer& models) {
  return [&models](auto image, const auto& options, time_point, vision::analysis& result) -> std::error_code {
    auto analysis = models.analyze(image, options);
    if (!analysis) return analysis.error();
    result = std::move(*analysis);
    return {};
  };
}

/// An analyze function for the frames of one connection, which it processes in order.
pipeline::frame_queue::analyze_function frame_stream(const vision::analyzer& models,
                                                     const vision::stream_options& o) {
  return [stream = models.open_stream(o)](auto image, const auto& options, time_point received,
                                          vision::analysis& result) mutable {
    return stream.analyze(image, options, received, result);
  };
}

std::string base_url(const settings& s, std::uint16_t port) {
  const auto& host = s.server.net.host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (s.server.net.tls_certificate.empty() ? "http://" : "https://") +
         (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

net::http_response plain_text(int status, std::string text) {
  return net::http_response::of(status, "text/plain; charset=utf-8", std::move(text));
}

/// Calls check_timeouts() of the service and observe_load() of the monitor once a second during its lifetime.
class ticker {
 public:
  ticker(server::server& server, service::emotion_service& app, metrics::monitor& monitor)
      : server_(server), app_(app), monitor_(monitor) {
    arm();
  }

 private:
  void arm() {
    timer_ = server_.after(1s, [this] {
      app_.check_timeouts();
      monitor_.observe_load(steady_clock::now());
      arm();
    });
  }
  server::server& server_;
  service::emotion_service& app_;
  metrics::monitor& monitor_;
  net::timer timer_;
};

/// The console's Content Security Policy. A link to the console can name another server, whose scripts must
/// not run in this origin, which may have access to the camera.
constexpr auto* console_policy =
    "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'";

void add_routes(server::server& server, const metrics::monitor& monitor, api::analyze_endpoint& analyze,
                const assets& files) {
  server.route("POST", "/api/v1/analyze",
               [&analyze](const request_head& head) { return analyze.plan(head); });
  api::add_documents(
      [&server](auto method, auto path, auto handler) { server.route(method, path, std::move(handler)); },
      files.documents);
  server.route("GET", "/healthz",
               [](const net::http_request&, net::http_responder respond) { respond(plain_text(200, "ok")); });
  server.route("GET", "/readyz", [&monitor](const net::http_request&, net::http_responder respond) {
    respond(monitor.readyz_response());
  });
  server.route("GET", "/*", net::with_policy(net::static_folder("/", files.console), console_policy));
}

void add_metrics(server::server& server, const metrics::monitor& monitor, const std::string& token) {
  const auto handle = [&monitor, token](const net::http_request& request, net::http_responder respond) {
    respond(monitor.metrics_response(request.head.header("authorization"), token));
  };
  server.route("GET", "/metrics", handle);
}

void print_line(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// Raises the limit of open files to allow `wanted` connections. Returns how many it allows: further
/// connections could not even be accepted in order to be rejected.
std::size_t limit_connections(std::size_t wanted) {
  constexpr std::size_t reserved =
      300;  // for files, pollers, health checks and connections that are rejected
  const std::size_t open_files = raise_open_files_limit(wanted + reserved);
  const auto allowed = open_files > reserved ? std::min(wanted, open_files - reserved) : 1;
  if (allowed < wanted)
    log::warn("the limit of open files allows fewer connections than server.max_connections",
              {{"connections", allowed}, {"open_files", open_files}});
  return allowed;
}

}  // namespace

int serve(settings s, bool development) {
  auto& net = s.server.net;
  net.max_connections = limit_connections(net.max_connections);
  net.reserved_paths = {"/healthz", "/readyz", "/metrics"};
  const auto files = assets::find();
  s.service.explain_token_errors = development;
  const auto tokens = make_authority(s, development);
  const auto models = load_models(s, files, s.service.http_image, s.service.image);

  // Declared in the order of dependency: the workers post to the server until the queue is destroyed.
  server::server server(server_options(s, files));
  pipeline::frame_queue queue(s.queue);
  service::emotion_service app(
      s.service, tokens, describe(*models), queue,
      [&models, options = s.stream] mutable {
        ++options.detection_phase;
        return frame_stream(*models, options);
      },
      [&server](auto task) { server.post(std::move(task)); });

  api::analyze_endpoint analyze(
      s.service, tokens, describe(*models), queue, [&models] { return single_image(*models); },
      [&app](const std::string& account, std::size_t bytes) { return app.admit_image(account, bytes); },
      [&server](auto task) { server.post(std::move(task)); });

  app.attach(server.of("/emotion-detection"));
  server.alias("/ws/emotion-detection", "/emotion-detection");
  metrics::monitor monitor(server, app, queue,
                           {.version = EMOSTREAM_VERSION,
                            .detector = models->detector_name(),
                            .classifier = models->classifier_name(),
                            .workers = queue.workers(),
                            .max_connections = net.max_connections,
                            .max_sessions = s.server.engineio.max_sessions,
                            .max_buffered_bytes = s.server.net.max_buffered_bytes},
                           [&analyze] { return analyze.response_counts(); });
  add_routes(server, monitor, analyze, files);
  if (s.metrics.enabled || development) add_metrics(server, monitor, s.metrics.token);
  server.on_drain([&app](auto done) { app.drain(std::move(done)); });
  server.on_drain([&analyze](auto done) { analyze.drain(std::move(done)); });
  int stop_signals = 0;
  const auto on_signal = [&](int signal) {
    if (signal == SIGHUP) return server.reload_certificate();
    if (++stop_signals > 1) return server.stop_now();
    log::info("draining; a second signal stops the server at once", {{"sessions", app.stats().sessions}});
    server.stop();
  };
  if (net.tls_certificate.empty())
    server.on_signals({SIGINT, SIGTERM}, on_signal);
  else
    server.on_signals({SIGINT, SIGTERM, SIGHUP}, on_signal);
  const ticker timer(server, app, monitor);

  const auto port = server.listen();
  if (!port && port.error() == std::errc::invalid_argument)
    throw config_error("server.host must be an IP address of this machine or a host name, not '" + net.host +
                       "'");
  if (!port)
    throw std::runtime_error("cannot listen on " + net.host + " port " + std::to_string(net.port) + ": " +
                             port.error().message());
  const auto url = base_url(s, *port);
  log::info("started", {{"version", EMOSTREAM_VERSION},
                        {"url", url},
                        {"workers", queue.workers()},
                        {"detector", models->detector_name()},
                        {"classifier", models->classifier_name()}});
  print_line("ready " + url);
  if (development) print_line("page  " + url + "/#token=" + tokens.sign("developer", wall_clock::now(), 24h));

  server.run();
  if (stop_signals > 1) {
    log::warn("stopped before all clients were drained");
    return 1;
  }
  log::info("drained");
  return 0;
}

}  // namespace emostream::cli
