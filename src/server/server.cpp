#include "server/server.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "base/guarded.hpp"
#include "net/http/static_files.hpp"
#include "server/session_handler.hpp"
#include "socketio/hub.hpp"

namespace emostream::server {

namespace {

bool is_client_bundle(std::string_view file) {
  return file.starts_with("socket.io") && (file.ends_with(".js") || file.ends_with(".js.map"));
}

}  // namespace

struct server::impl {
  explicit impl(options o)
      : opts(std::move(o)),
        hub(opts.socketio, [this](time_point when) { arm_hub_timer(when); }),
        http(opts.net),
        engine(http, opts.engineio) {
    for (const auto& path : opts.paths) {
      if (!path.starts_with('/'))
        throw std::invalid_argument("options::paths: a path must begin with a slash: \"" + path + '"');
      engine.mount(path, [this](std::shared_ptr<engineio_session> session) {
        return make_session_handler(hub, std::move(session));
      });
    }
    if (!opts.serve_client.empty()) serve_client();
  }

  void serve_client() {
    for (const auto& entry : std::filesystem::directory_iterator(opts.serve_client)) {
      const std::string file = entry.path().filename().string();
      if (!is_client_bundle(file)) continue;
      const auto handler = net::static_file(entry.path(), "public, max-age=0");  // like the Node.js server
      for (const auto& path : opts.paths)
        http.route("GET", (path.ends_with('/') ? path : path + '/') + file, handler);
    }
  }

  /// Runs the hub's timers at `when`, unless hub_timer fires earlier anyway.
  void arm_hub_timer(time_point when) {
    if (armed && *armed <= when) return;
    armed = when;
    hub_timer = http.call_at(when, [this] {
      armed.reset();
      hub.run_timers(steady_clock::now());
      if (const auto next = hub.deadline()) arm_hub_timer(*next);
    });
  }

  void drain() {
    if (std::exchange(draining, true)) return;
    engine.reject_new_sessions();
    drain_timer = http.call_after(opts.drain_timeout, [this] {
      spdlog::warn("drain timeout: closing, although {} drain handlers have not finished", pending_drains);
      close();
    });
    pending_drains = drain_handlers.size() + 1;
    for (const auto& handler : drain_handlers) {
      const auto done = [this, called = std::make_shared<bool>(false)] {
        if (!std::exchange(*called, true)) on_drain_handler_done();
      };
      if (!emostream::guarded("a drain handler", [&] { handler(done); })) done();
    }
    on_drain_handler_done();  // for drain() itself
  }

  void on_drain_handler_done() {
    if (--pending_drains == 0) close();
  }

  void close() {
    drain_timer.cancel();
    http.close_all();
  }

  options opts;
  socketio::hub hub;
  net::http_server http;  // destroyed before the hub, together with all clients
  engineio_server engine;
  std::optional<time_point> armed;  // when hub_timer fires
  net::timer hub_timer;

  std::vector<drain_handler> drain_handlers;
  bool draining = false;
  std::size_t pending_drains = 0;  // handlers that have not finished, and drain() itself
  net::timer drain_timer;
};

server::server(options opts) : impl_(std::make_unique<impl>(std::move(opts))) {}
server::~server() = default;

socketio::server_namespace& server::of(std::string name) {
  return impl_->hub.of(std::move(name));
}

socketio::parent_namespace& server::of(socketio::parent_namespace::predicate accepts) {
  return impl_->hub.of(std::move(accepts));
}

void server::on_new_namespace(std::function<void(socketio::server_namespace&)> handler) {
  impl_->hub.on_new_namespace(std::move(handler));
}

void server::alias(std::string alias, std::string name) {
  impl_->hub.alias(std::move(alias), std::move(name));
}

void server::route(std::string method, std::string path, net::http_handler handler) {
  impl_->http.route(std::move(method), std::move(path), std::move(handler));
}

void server::route(std::string method, std::string path, net::request_planner planner) {
  impl_->http.route(std::move(method), std::move(path), std::move(planner));
}

result<std::uint16_t> server::listen() {
  return impl_->http.listen();
}

void server::run() {
  impl_->http.run();
}

void server::post(std::move_only_function<void()> task) {
  impl_->http.post(std::move(task));
}

net::timer server::after(milliseconds delay, std::move_only_function<void()> task) {
  return impl_->http.call_after(delay, std::move(task));
}

void server::on_signals(std::initializer_list<int> signals, std::function<void(int)> handler) {
  impl_->http.on_signals(signals, std::move(handler));
}

void server::on_drain(drain_handler handler) {
  impl_->drain_handlers.push_back(std::move(handler));
}

void server::stop() {
  impl_->http.post([this] { impl_->drain(); });
}

void server::stop_now() {
  impl_->http.stop_now();
}

void server::reload_certificate() {
  impl_->http.post([this] { impl_->http.reload_certificate(); });
}

server_stats server::stats() const {
  return server_stats::of(impl_->http.stats(), impl_->engine.stats());
}

}  // namespace emostream::server
