#include "net/http/http_server.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "engineio/error.hpp"
#include "net/asio.hpp"
#include "net/engineio_endpoint.hpp"
#include "net/http/cors.hpp"
#include "net/http/http_connection.hpp"
#include "net/http/http_context.hpp"
#include "net/http/response_head.hpp"
#include "net/http/router.hpp"
#include "net/timer_impl.hpp"

namespace emostream::net {

namespace {

using acceptor = asio::basic_socket_acceptor<tcp, executor>;

/// Out of file descriptors, accepting is tried again after this long.
constexpr milliseconds accept_pause{100};

/// So many connections at once are told why they are not wanted; others see them close.
constexpr std::size_t max_turning_away = 100;

std::string_view without_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

struct http_server::impl {
  explicit impl(options o)
      : shared(std::move(o)),
        cors(shared.opts.cors_origins, shared.opts.cors_credentials),
        listening(shared.io.get_executor()) {
    shared.dispatch = [this](request_head head, bool upgrade) { return dispatch(std::move(head), upgrade); };
    shared.on_gone = [this] { stop_if_drained(); };
    load_certificate();
    if (shared.opts.cookie) set_cookie(*shared.opts.cookie, {});  // throws now if it ever would
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    shared.torn_down = true;
    endpoints.clear();
  }

  context::dispatched dispatch(request_head head, bool upgrade);
  request_plan plan_for(request_head head, bool upgrade);
  request_plan refuse_origin(const request_head& head, bool upgrade);
  request_plan plan_route(request_head head);
  void load_certificate();
  result<std::uint16_t> listen();
  void accept();
  void on_accept(error_code ec, tcp_socket socket);
  void take_connection(tcp_socket socket);
  stream make_stream(tcp_socket socket) const;
  void stop_accepting();
  void close_all(engineio::close_reason reason);
  void finish_connections();
  void stop_if_drained();

  context shared;
  cors_policy cors;
  router routes;
  std::map<std::string, engineio_endpoint, std::less<>> endpoints;  // by path, without its trailing slash
  acceptor listening;
  std::optional<asio::basic_signal_set<executor>> signals;
  timer pause;
  timer grace;
};

// Requests.

context::dispatched http_server::impl::dispatch(request_head head, bool upgrade) {
  auto lines = cors.header_lines(head);
  if (shared.opts.add_headers && endpoints.contains(without_slash(head.path))) {
    header_list more;
    shared.opts.add_headers(head, !head.parameter("sid"), more);
    append_header_lines(lines, more);
  }
  return {plan_for(std::move(head), upgrade), std::move(lines)};
}

request_plan http_server::impl::plan_for(request_head head, bool upgrade) {
  const auto endpoint = endpoints.find(without_slash(head.path));
  if (endpoint != endpoints.end() && !cors.allows(head)) return refuse_origin(head, upgrade);
  if (head.method == "OPTIONS") return plan::answer{http_response{.status = 204}};
  if (endpoint != endpoints.end()) return endpoint->second.plan_for(std::move(head), upgrade);
  return plan_route(std::move(head));
}

request_plan http_server::impl::refuse_origin(const request_head& head, bool upgrade) {
  if (!head.parameter("sid")) {
    ++shared.stats.sessions_forbidden;
    shared.log_refusal("connection refused", "cors_origins", head.remote_address);
  }
  return engineio_endpoint::refuse(make_error_code(engineio::error::forbidden), upgrade);
}

request_plan http_server::impl::plan_route(request_head head) {
  const auto found = routes.find(head.method, head.path);
  if (const auto* other = std::get_if<router::method_not_allowed>(&found)) {
    auto response = http_response::error(405, "Method not allowed");
    response.headers.emplace_back("Allow", other->allow);
    return plan::answer{std::move(response)};
  }
  const auto* handler = std::get_if<const head_handler*>(&found);
  if (!handler) return plan::answer{http_response::error(404, "Not found")};
  auto planned = (**handler)(std::move(head));
  return std::visit([](auto& what) -> request_plan { return std::move(what); }, planned);
}

// Connections.

void http_server::impl::load_certificate() {
  const auto& o = shared.opts;
  if (o.tls_certificate.empty() != o.tls_key.empty())
    throw std::runtime_error("a TLS certificate and its key go together, and one of them is missing");
  if (!o.tls_certificate.empty()) shared.tls = tls_context(o.tls_certificate, o.tls_key);
}

result<std::uint16_t> http_server::impl::listen() {
  error_code ec;
  const auto address = asio::ip::make_address(shared.opts.host, ec);
  if (ec) return std::unexpected(ec);
  const tcp::endpoint at(address, shared.opts.port);
  listening.open(at.protocol(), ec);
  if (!ec) listening.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) listening.bind(at, ec);
  if (!ec) listening.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    error_code ignored;
    listening.close(ignored);
    return std::unexpected(ec);
  }
  shared.accepting = true;
  accept();
  return listening.local_endpoint().port();
}

void http_server::impl::accept() {
  listening.async_accept([this](error_code ec, tcp_socket socket) { on_accept(ec, std::move(socket)); });
}

void http_server::impl::on_accept(error_code ec, tcp_socket socket) {
  if (!shared.accepting) return;
  if (ec) {
    spdlog::warn("accept: {}", ec.message());
    pause = timer(std::make_unique<timer::impl>(listening.get_executor(), steady_clock::now() + accept_pause,
                                                [this] { accept(); }));
    return;
  }
  take_connection(std::move(socket));
  accept();
}

void context::log_refusal(std::string_view event, std::string_view reason, std::string_view address) {
  if (const auto held_back = refusals[reason].pass(steady_clock::now()))
    log::warn(event, {{"reason", reason}, {"address", address}, {"suppressed", *held_back}});
}

void http_server::impl::take_connection(tcp_socket socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec).address();
  if (ec) return;  // gone already
  if (shared.stats.connections_open >= shared.opts.max_connections) {
    ++shared.stats.connections_refused;
    return shared.log_refusal("connection refused", "max_connections", unmapped(peer).to_string());
  }
  socket.set_option(tcp::no_delay(true), ec);
  socket.non_blocking(true, ec);  // for what is read or written at once, without waiting
  const auto connect = [&](stream io, address_counter::slot slot) {
    return std::make_shared<http_connection>(shared, std::move(io), peer,
                                             connection_slot(shared, std::move(slot)));
  };
  auto slot = shared.proxies.contains(peer) ? std::optional<address_counter::slot>(std::in_place)
                                            : shared.connections_of.take(peer);
  if (slot) return connect(make_stream(std::move(socket)), std::move(*slot))->start();

  ++shared.stats.connections_refused;
  ++shared.stats.address_refusals;
  shared.log_refusal("connection refused", "max_connections_per_address", unmapped(peer).to_string());
  // To tell it costs little, and nothing that a flood could use up.
  if (!shared.tls && shared.turning_away < max_turning_away)
    connect(stream(std::move(socket)), {})->turn_away(429, "Too many connections from your address");
}

stream http_server::impl::make_stream(tcp_socket socket) const {
  return shared.tls ? stream(std::move(socket), *shared.tls) : stream(std::move(socket));
}

void http_server::impl::stop_accepting() {
  shared.accepting = false;
  pause.cancel();
  error_code ignored;
  listening.close(ignored);
}

void http_server::impl::close_all(engineio::close_reason reason) {
  if (std::exchange(shared.draining, true)) return;
  shared.refusing_sessions = true;
  for (auto& [path, endpoint] : endpoints) endpoint.close_all(reason);
  grace = timer(std::make_unique<timer::impl>(
      listening.get_executor(), steady_clock::now() + shared.opts.drain_grace, [this] { shared.io.stop(); }));
  stop_if_drained();
}

void http_server::impl::finish_connections() {
  // finish() may destroy the connection, which takes itself out of the set.
  const auto connections = shared.http_connections;
  for (auto* connection : connections)
    if (shared.http_connections.contains(connection)) connection->shared_from_this()->finish();
}

void http_server::impl::stop_if_drained() {
  if (!shared.draining || shared.torn_down || shared.stats.sessions_open != 0) return;
  if (shared.accepting) {
    stop_accepting();
    finish_connections();
  }
  if (shared.stats.connections_open == 0)
    asio::post(shared.io, [this] { shared.io.stop(); });  // behind the news of the last session's end
}

// The public face.

http_server::http_server(options opts) : impl_(std::make_unique<impl>(std::move(opts))) {}
http_server::~http_server() = default;

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

void http_server::route(std::string method, std::string path, head_handler handler) {
  impl_->routes.add(std::move(method), std::move(path), std::move(handler));
}

void http_server::mount(std::string path, session_factory factory) {
  impl_->endpoints.try_emplace(std::string(without_slash(path)), impl_->shared, std::move(factory));
}

result<std::uint16_t> http_server::listen() {
  return impl_->listen();
}

void http_server::run() {
  const auto work = asio::make_work_guard(impl_->shared.io);
  impl_->shared.io.run();
  for (auto& [path, endpoint] : impl_->endpoints) endpoint.abandon_all();
}

void http_server::post(std::move_only_function<void()> task) {
  asio::post(impl_->shared.io, std::move(task));
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
  // It waits again after each, and ends with the server.
  struct waiter {
    asio::basic_signal_set<executor>& set;
    std::function<void(int)> handler;
    void operator()(error_code ec, int signal) {
      if (ec) return;
      handler(signal);
      set.async_wait(std::move(*this));
    }
  };
  set.async_wait(waiter{set, std::move(handler)});
}

void http_server::reload_certificate() {
  try {
    impl_->load_certificate();
    if (impl_->shared.tls) spdlog::info("the TLS certificate is read again");
  } catch (const std::runtime_error& e) {
    spdlog::error("the TLS certificate stays the one there is: {}", e.what());
  }
}

void http_server::refuse_sessions() {
  impl_->shared.refusing_sessions = true;
}

void http_server::close_all(engineio::close_reason reason) {
  impl_->close_all(reason);
}

void http_server::stop_now() {
  impl_->shared.io.stop();
}

server_stats http_server::stats() const {
  return impl_->shared.stats;
}

}  // namespace emostream::net
