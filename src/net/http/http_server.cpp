#include "net/http/http_server.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "base/guarded.hpp"
#include "net/asio.hpp"
#include "net/http/cors.hpp"
#include "net/http/http_connection.hpp"
#include "net/http/http_context.hpp"
#include "net/http/response_head.hpp"
#include "net/http/router.hpp"
#include "net/resolve.hpp"
#include "net/timer_impl.hpp"

namespace emostream::net {

namespace {

using acceptor = asio::basic_socket_acceptor<tcp, executor>;

/// The delay after a failure to accept, for example because all file descriptors are in use.
constexpr milliseconds accept_retry_delay{100};

/// Connections that may receive a rejection at the same time; further ones are closed without a response.
constexpr std::size_t max_rejecting = 100;

/// Connections over options::max_connections that may request a reserved path at the same time.
constexpr std::size_t max_reserved = 64;

std::string_view without_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

struct http_server::impl {
  explicit impl(options o)
      : shared(std::move(o)),
        cors(shared.opts.cors_origins, shared.opts.cors_credentials),
        listener(shared.io.get_executor()) {
    shared.dispatch = [this](request_head head, bool upgrade) { return dispatch(std::move(head), upgrade); };
    shared.connections.on_closed = [this] { stop_if_drained(); };
    load_certificate();
  }

  http_context::dispatched dispatch(request_head head, bool upgrade);
  request_plan plan_for(http_endpoint* endpoint, request_head head, bool upgrade);
  request_plan plan_route(request_head head);
  void load_certificate();
  result<std::uint16_t> listen();
  void accept();
  void on_accept(error_code ec, tcp_socket socket);
  void add_connection(tcp_socket socket);
  bool make_space_in_reserve();
  stream make_stream(tcp_socket socket) const;
  void stop_accepting();
  void close_all();
  void drain_connections();
  void stop_if_drained();

  http_context shared;
  cors_policy cors;
  router routes;
  // By path without its trailing slash.
  std::map<std::string, std::shared_ptr<http_endpoint>, std::less<>> endpoints;
  std::size_t draining_endpoints = 0;
  acceptor listener;
  std::optional<asio::basic_signal_set<executor>> signals;
  timer accept_timer;
  timer grace_timer;
};

// Requests.

http_context::dispatched http_server::impl::dispatch(request_head head, bool upgrade) {
  auto lines = cors.header_lines(head);
  const auto found = endpoints.find(without_slash(head.path));
  auto* endpoint = found != endpoints.end() ? found->second.get() : nullptr;
  if (endpoint) {
    header_list headers;
    endpoint->add_headers(head, headers);
    append_header_lines(lines, headers);
  }
  return {plan_for(endpoint, std::move(head), upgrade), std::move(lines)};
}

request_plan http_server::impl::plan_for(http_endpoint* endpoint, request_head head, bool upgrade) {
  if (endpoint && !cors.allows(head)) return endpoint->reject_origin(head, upgrade);
  if (head.method == "OPTIONS") return plan::answer{http_response{.status = 204}};
  if (endpoint) return endpoint->plan_for(std::move(head), upgrade);
  return plan_route(std::move(head));
}

request_plan http_server::impl::plan_route(request_head head) {
  const auto found = routes.find(head.method, head.path);
  if (const auto* other = std::get_if<router::method_not_allowed>(&found)) {
    auto response = http_response::error(405, "Method not allowed");
    response.headers.emplace_back("Allow", other->allow);
    return plan::answer{std::move(response)};
  }
  const auto* planner = std::get_if<const request_planner*>(&found);
  if (!planner) return plan::answer{http_response::error(404, "Not found")};
  auto planned = (**planner)(std::move(head));
  return std::visit([](auto& p) -> request_plan { return std::move(p); }, planned);
}

// Connections.

void http_server::impl::load_certificate() {
  const auto& o = shared.opts;
  if (o.tls_certificate.empty() != o.tls_key.empty())
    throw std::runtime_error("a TLS certificate and its key go together, and one of them is missing");
  if (!o.tls_certificate.empty()) shared.tls = tls_context(o.tls_certificate, o.tls_key);
}

result<std::uint16_t> http_server::impl::listen() {
  const auto address = resolve(shared.opts.host);
  if (!address) return std::unexpected(address.error());
  const tcp::endpoint at(*address, shared.opts.port);
  error_code ec;
  listener.open(at.protocol(), ec);
  if (!ec) listener.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) listener.bind(at, ec);
  if (!ec) listener.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    error_code ignored;
    listener.close(ignored);
    return std::unexpected(ec);
  }
  shared.accepting = true;
  accept();
  return listener.local_endpoint().port();
}

void http_server::impl::accept() {
  listener.async_accept([this](error_code ec, tcp_socket socket) { on_accept(ec, std::move(socket)); });
}

void http_server::impl::on_accept(error_code ec, tcp_socket socket) {
  if (!shared.accepting) return;
  if (ec) {
    spdlog::warn("accept failed: {}", ec.message());
    accept_timer = timer(std::make_unique<timer::impl>(
        listener.get_executor(), steady_clock::now() + accept_retry_delay, [this] { accept(); }));
    return;
  }
  add_connection(std::move(socket));
  accept();
}

void http_server::impl::add_connection(tcp_socket socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec).address();
  if (ec) return;  // the client has disconnected already
  const bool full = shared.connections.open - shared.reserved_open >= shared.opts.max_connections;
  if (full && !make_space_in_reserve()) {
    ++shared.stats.connections_refused;
    return shared.rejections.log("max_connections", unmapped(peer).to_string());
  }
  socket.set_option(tcp::no_delay(true), ec);
  socket.non_blocking(true, ec);
  const auto make_connection = [&](stream io, address_counter::slot slot) {
    return std::make_shared<http_connection>(shared, std::move(io), peer,
                                             connection_slot(shared.connections, std::move(slot)));
  };
  if (full) {
    const auto connection = make_connection(make_stream(std::move(socket)), {});
    shared.reserved.push_back(connection);
    return connection->start_reserved();
  }
  auto slot = shared.proxies.contains(peer) ? std::optional<address_counter::slot>(std::in_place)
                                            : shared.connections_by_address.take(peer);
  if (slot) return make_connection(make_stream(std::move(socket)), std::move(*slot))->start();

  ++shared.stats.connections_refused;
  ++shared.stats.address_refusals;
  shared.rejections.log("max_connections_per_address", unmapped(peer).to_string());
  // Limited, so that a flood of rejected connections does not exhaust memory or file descriptors.
  if (!shared.tls && shared.rejecting < max_rejecting)
    make_connection(stream(std::move(socket)), {})->reject(429, "Too many connections from your address");
}

/// Closes the oldest connection for a reserved path that has no request, if there are max_reserved. False if
/// there is no space for another one.
bool http_server::impl::make_space_in_reserve() {
  if (shared.opts.reserved_paths.empty()) return false;
  auto& all = shared.reserved;
  std::erase_if(all, [](const auto& connection) { return connection.expired(); });
  if (all.size() < max_reserved) return true;
  const auto closed = std::ranges::find_if(all, [](const auto& weak) {
    const auto connection = weak.lock();
    return !connection || connection->close_unused();
  });
  if (closed == all.end()) return false;
  all.erase(closed);
  return true;
}

stream http_server::impl::make_stream(tcp_socket socket) const {
  return shared.tls ? stream(std::move(socket), *shared.tls) : stream(std::move(socket));
}

void http_server::impl::stop_accepting() {
  shared.accepting = false;
  accept_timer.cancel();
  error_code ignored;
  listener.close(ignored);
}

void http_server::impl::close_all() {
  if (std::exchange(shared.draining, true)) return;
  grace_timer = timer(std::make_unique<timer::impl>(
      listener.get_executor(), steady_clock::now() + shared.opts.drain_grace, [this] { shared.io.stop(); }));
  draining_endpoints = endpoints.size();
  for (auto& [path, endpoint] : endpoints)
    endpoint->drain([this] {
      --draining_endpoints;
      stop_if_drained();
    });
  stop_if_drained();
}

void http_server::impl::drain_connections() {
  // drain() may destroy the connection, which removes itself from the set.
  const auto connections = shared.http_connections;
  for (auto* connection : connections)
    if (shared.http_connections.contains(connection)) connection->shared_from_this()->drain();
}

void http_server::impl::stop_if_drained() {
  if (!shared.draining || shared.torn_down || draining_endpoints != 0) return;
  if (shared.accepting) {
    stop_accepting();
    drain_connections();
  }
  if (shared.connections.open == 0)
    asio::post(shared.io, [this] { shared.io.stop(); });  // after the tasks that the endpoints have posted
}

// The public interface.

http_server::http_server(options opts) : impl_(std::make_unique<impl>(std::move(opts))) {}

http_server::~http_server() {
  impl_->shared.torn_down = true;
  impl_->endpoints.clear();  // they may call post() and call_at() while they are destroyed
}

void http_server::route(std::string method, std::string path, http_handler handler) {
  const auto limit = impl_->shared.opts.max_body_bytes;
  impl_->routes.add(
      std::move(method), std::move(path), [limit, handler = std::move(handler)](request_head head) {
        return plan::read_body{
            .limit = limit,
            .then =
                [&handler, head = std::move(head)](result<std::string> body, http_responder respond) mutable {
                  if (!body) return respond(http_response::error(413, "Payload too large"));
                  handler({std::move(head), std::move(*body)}, std::move(respond));
                },
            .client_gone = {}};
      });
}

void http_server::route(std::string method, std::string path, request_planner planner) {
  impl_->routes.add(std::move(method), std::move(path), std::move(planner));
}

turn_queue& http_server::turns() {
  return impl_->shared.turns;
}

memory_budget& http_server::memory() {
  return impl_->shared.memory;
}

void http_server::mount(std::string_view path, const std::shared_ptr<http_endpoint>& endpoint) {
  if (!path.starts_with('/'))
    throw std::invalid_argument("the path of an endpoint must begin with a slash: \"" + std::string(path) +
                                '"');
  impl_->endpoints.try_emplace(std::string(without_slash(path)), endpoint);
}

result<std::uint16_t> http_server::listen() {
  return impl_->listen();
}

void http_server::run() {
  const auto work = asio::make_work_guard(impl_->shared.io);
  impl_->shared.io.run();
  for (auto& [path, endpoint] : impl_->endpoints) endpoint->abort();
}

void http_server::post(std::move_only_function<void()> task) {
  asio::post(impl_->shared.io, [t = std::move(task)]() mutable { guarded("a posted task", [&] { t(); }); });
}

timer http_server::call_at(time_point when, std::move_only_function<void()> task) {
  return timer(std::make_unique<timer::impl>(impl_->shared.io.get_executor(), when, std::move(task)));
}

timer http_server::call_after(milliseconds delay, std::move_only_function<void()> task) {
  return call_at(steady_clock::now() + delay, std::move(task));
}

void http_server::on_signals(std::initializer_list<int> signals, std::function<void(int)> handler) {
  auto& set = impl_->signals.emplace(impl_->shared.io.get_executor());
  for (const int signal : signals) set.add(signal);
  // Waits again after each signal, until the set is destroyed.
  struct waiter {
    asio::basic_signal_set<executor>& set;
    std::function<void(int)> handler;
    void operator()(error_code ec, int signal) {
      if (ec) return;
      guarded("a signal handler", [&] { handler(signal); });
      set.async_wait(std::move(*this));
    }
  };
  set.async_wait(waiter{set, std::move(handler)});
}

void http_server::reload_certificate() {
  try {
    impl_->load_certificate();
    if (impl_->shared.tls) spdlog::info("TLS certificate reloaded");
  } catch (const std::runtime_error& e) {
    spdlog::error("the TLS certificate could not be reloaded: {}", e.what());
  }
}

void http_server::close_all() {
  impl_->close_all();
}

void http_server::stop_now() {
  impl_->shared.io.stop();
}

bool http_server::is_trusted_proxy(std::string_view address) const {
  error_code ec;
  const auto parsed = asio::ip::make_address(address, ec);
  return !ec && impl_->shared.proxies.contains(parsed);
}

const options& http_server::settings() const {
  return impl_->shared.opts;
}

http_stats http_server::stats() const {
  auto stats = impl_->shared.stats;
  stats.connections_accepted = impl_->shared.connections.accepted;
  stats.connections_open = impl_->shared.connections.open;
  stats.buffered_bytes = impl_->shared.memory.used();
  stats.memory_refusals = impl_->shared.memory.times_exceeded();
  return stats;
}

}  // namespace emostream::net
