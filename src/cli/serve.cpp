#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "api/analyze_endpoint.hpp"
#include "api/documents.hpp"
#include "base/log.hpp"
#include "cli/assets.hpp"
#include "cli/authority.hpp"
#include "cli/commands.hpp"
#include "cli/models.hpp"
#include "emotion/application.hpp"
#include "net/static_files.hpp"
#include "pipeline/frame_queue.hpp"
#include "server/server.hpp"
#include "vision/analyzer.hpp"

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
  o.paths = {"/ws/socket.io/", "/socket.io/"};
  o.serve_client = files.client_bundle;
  return o;
}

emotion::options limits(const settings& s) {
  emotion::options o;
  o.max_connections_per_account = static_cast<std::size_t>(s.account.max_connections);
  o.max_frame_bytes = static_cast<std::size_t>(s.frames.max_bytes);
  o.max_pixels = s.frames.max_width * s.frames.max_height;
  o.min_side = vision::image_limits{}.min_side;
  o.max_fps = s.frames.rate;
  o.burst = static_cast<double>(s.frames.burst);
  o.max_bad_frames = static_cast<int>(s.frames.max_bad);
  o.min_confidence = s.vision.min_confidence;
  return o;
}

api::analyze_limits request_limits(const settings& s) {
  return {.max_image_bytes = static_cast<std::size_t>(s.frames.max_bytes),
          .max_requests_per_account = static_cast<std::size_t>(s.account.max_requests),
          .min_confidence = s.vision.min_confidence};
}

pipeline::queue_options queue_options(const settings& s) {
  return {.workers = static_cast<unsigned>(s.vision.workers), .deadline = milliseconds(s.frames.deadline_ms)};
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

/// Calls application::on_time() each second, as long as it lives.
class ticker {
 public:
  ticker(server::server& server, emotion::application& app) : server_(server), app_(app) { arm(); }

 private:
  void arm() {
    timer_ = server_.after(1s, [this] {
      app_.on_time();
      arm();
    });
  }
  server::server& server_;
  emotion::application& app_;
  net::timer timer_;
};

void add_routes(server::server& server, const emotion::application& app, api::analyze_endpoint& analyze,
                const assets& files) {
  server.route("POST", "/api/v1/analyze",
               [&analyze](request_head head) { return analyze.plan(std::move(head)); });
  api::add_documents(
      [&server](auto method, auto path, auto handler) { server.route(method, path, std::move(handler)); },
      files.documents);
  server.route("GET", "/healthz",
               [](const net::http_request&, net::http_responder respond) { respond(plain_text(200, "ok")); });
  server.route("GET", "/readyz", [&app](const net::http_request&, net::http_responder respond) {
    respond(app.ready() ? plain_text(200, "ready") : plain_text(503, "draining"));
  });
  server.route("GET", "/*", net::static_folder("/", files.console));
}

void print_line(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace

int serve(settings s, bool development) {
  const auto files = assets::find();
  const auto tokens = make_authority(s, development);
  const auto models = load_models(s, files, frame_limits(s));

  // The order is that of who needs whom: workers post to the server until the queue is gone.
  server::server server(server_options(s, files));
  pipeline::frame_queue queue(
      queue_options(s), [&](auto image, const auto& options) { return models->analyze(image, options); });
  emotion::application app(limits(s), tokens, describe(*models), queue,
                           [&server](auto task) { server.post(std::move(task)); });

  api::analyze_endpoint analyze(request_limits(s), tokens, describe(*models), queue,
                                [&server](auto task) { server.post(std::move(task)); });

  app.attach(server.of("/emotion-detection"));
  server.alias("/ws/emotion-detection", "/emotion-detection");
  add_routes(server, app, analyze, files);
  server.on_drain([&app](auto done) { app.drain(std::move(done)); });
  server.on_drain([&analyze](auto done) { analyze.drain(std::move(done)); });
  int asked_to_stop = 0;
  const auto on_signal = [&](int signal) {
    if (signal == SIGHUP) return server.reload_certificate();
    if (++asked_to_stop > 1) return server.stop_now();
    spdlog::info("draining; another signal ends it at once");
    server.stop();
  };
  if (s.server.tls_certificate.empty())
    server.on_signals({SIGINT, SIGTERM}, on_signal);
  else
    server.on_signals({SIGINT, SIGTERM, SIGHUP}, on_signal);
  const ticker clock(server, app);

  const auto port = server.listen();
  if (!port && port.error() == std::errc::invalid_argument)
    throw config_error("server.host must be an IP address such as 127.0.0.1, 0.0.0.0 or ::, not " +
                       s.server.host);
  if (!port)
    throw std::runtime_error("cannot listen on " + s.server.host + " port " + std::to_string(s.server.port) +
                             ": " + port.error().message());
  const auto url = base_url(s, *port);
  print_line("ready " + url);
  if (development) print_line("page  " + url + "/#token=" + tokens.sign("developer", wall_clock::now(), 24h));

  server.run();
  if (asked_to_stop > 1) {
    spdlog::warn("stopped without having drained");
    return 1;
  }
  spdlog::info("drained");
  return 0;
}

}  // namespace emostream::cli
