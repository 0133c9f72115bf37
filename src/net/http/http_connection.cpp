#include "net/http/http_connection.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>

#include "base/guarded.hpp"
#include "net/http/request_parsing.hpp"
#include "net/http/response_head.hpp"
#include "net/http/websocket_handshake.hpp"
#include "net/websocket/websocket_connection.hpp"

namespace emostream::net {

namespace {

/// The lifetime of a connection for a reserved path.
constexpr milliseconds reserved_lifetime{2000};

}  // namespace

/// The responder that a handler holds: responds once; with a 500 if it is destroyed uncalled.
class http_connection::pending_response {
 public:
  explicit pending_response(std::weak_ptr<http_connection> c) : connection_(std::move(c)) {}
  pending_response(pending_response&&) = default;
  pending_response& operator=(pending_response&&) = delete;
  ~pending_response() {
    if (const auto c = connection_.lock(); c && !c->context_.torn_down)
      c->respond(http_response::error(500, "Internal server error"));
  }
  void operator()(http_response response) {
    if (const auto c = std::exchange(connection_, {}).lock()) c->respond(std::move(response));
  }
  /// The decision on a plan::deferred.
  void operator()(plan::immediate plan, const header_list& headers) {
    if (const auto c = std::exchange(connection_, {}).lock()) c->decide(std::move(plan), headers);
  }

 private:
  std::weak_ptr<http_connection> connection_;
};

http_connection::http_connection(http_context& c, stream io, asio::ip::address peer, connection_slot slot)
    : context_(c),
      slot_(std::move(slot)),
      io_(std::move(io)),
      peer_(std::move(peer)),
      remote_address_(unmapped(peer_).to_string()),
      timer_(io_.get_executor()),
      reader_(c.opts),
      memory_(c.memory) {
  c.http_connections.insert(this);
}

http_connection::~http_connection() {
  context_.http_connections.erase(this);
  if (rejected_) --context_.rejecting;
  if (reserved_) --context_.reserved_open;
}

void http_connection::start() {
  if (io_.secure())
    start_handshake();
  else
    next_request();
  arm_timer();
}

void http_connection::start_reserved() {
  reserved_ = true;
  ++context_.reserved_open;
  last_deadline_ = steady_clock::now() + reserved_lifetime;
  start();
}

bool http_connection::close_unused() {
  if (state_ != state::answering && state_ != state::writing) close();
  return state_ == state::closed;
}

/// False for a connection that may request only reserved paths, and requests another.
bool http_connection::may_request(const request_head& head) const {
  return !reserved_ ||
         ((head.method == "GET" || head.method == "HEAD") &&
          std::ranges::find(context_.opts.reserved_paths, head.path) != context_.opts.reserved_paths.end());
}

void http_connection::reject(int status, std::string_view message) {
  rejected_ = true;
  ++context_.rejecting;
  reader_.begin();
  respond_error(status, message);
  arm_timer();
}

void http_connection::drain() {
  draining_ = true;
  if (state_ == state::idle || state_ == state::handshake) close();
}

void http_connection::start_handshake() {
  state_ = state::handshake;
  set_deadline(context_.opts.header_timeout);
  io_.async_handshake([self = shared_from_this()](error_code ec) { self->on_handshake(ec); });
}

void http_connection::on_handshake(error_code ec) {
  if (state_ != state::handshake) return;
  if (!ec) return next_request();
  ++context_.stats.tls_handshakes_failed;
  spdlog::debug("TLS with {} failed: {}", remote_address_, ec.message());
  if (!is_plain_http(ec)) return close();
  reader_.begin();
  respond_error(400, "This port speaks HTTPS");
}

void http_connection::next_request() {
  reader_.reset();
  plan_ = {};
  header_lines_.clear();
  head_only_ = false;
  if (draining_) return close();
  if (reader_.has_input()) return read_header();  // a pipelined request
  state_ = state::idle;
  set_deadline(context_.opts.keep_alive_timeout);
  watch();
}

/// Waits for the client's next byte, or its disconnect.
void http_connection::watch() {
  if (std::exchange(watching_, true)) return;
  io_.wait_readable([self = shared_from_this()](error_code ec) {
    self->watching_ = false;
    if (!ec) self->on_readable();
  });
}

void http_connection::on_readable() {
  if (state_ == state::idle) return read_header();
  if (state_ != state::answering) return;
  // A request is being handled. Either the next one has arrived, which waits, or the client has disconnected.
  const auto ec = io_.peek();
  if (ec == asio::error::would_block) return watch();
  if (ec) close();
}

// Reading.

void http_connection::read_header() {
  state_ = state::header;
  set_deadline(context_.opts.header_timeout);
  reader_.begin();
  reader_.has_input() ? scan_header() : receive_header();
}

void http_connection::receive_header() {
  io_.async_read_some(reader_.prepare(), [self = shared_from_this()](error_code ec, std::size_t size) {
    if (self->state_ != state::header) return;
    if (self->timed_out_) return self->respond_error(408, "Request timeout");
    if (ec) return self->close();
    self->reader_.received(size);
    self->scan_header();
  });
}

void http_connection::scan_header() {
  switch (reader_.scan_head()) {
    case request_reader::head_status::incomplete:
      return receive_header();
    case request_reader::head_status::too_large:
      return respond_error(431, "Request header fields too large");
    case request_reader::head_status::malformed:
      return respond_error(400, "Bad request");
    case request_reader::head_status::complete:
      return on_header();
  }
}

void http_connection::on_header() {
  request_head head = reader_.head();
  head.remote_address = remote_address_;
  head.secure = io_.secure();
  context_.proxies.apply(head, peer_);
  if (const auto age = context_.opts.hsts_max_age.count(); head.secure && age > 0)
    header_lines_ = "Strict-Transport-Security: max-age=" + std::to_string(age) + "\r\n";
  keep_alive_ = reader_.keep_alive();
  head_only_ = head.method == "HEAD";
  ++context_.stats.http_requests;
  if (!set_target(head, reader_.target())) return respond_error(400, "Bad request target");
  if (!is_unambiguous(head, reader_.is_http_1_0())) return respond_error(400, "Ambiguous request");

  if (!may_request(head)) {
    ++context_.stats.connections_refused;
    context_.rejections.log("max_connections", head.remote_address);
    return respond_error(503, "Too many connections");
  }
  if (reserved_) keep_alive_ = false;

  const bool upgrade = reader_.is_upgrade();
  if (upgrade && (reader_.has_input() || !reader_.is_done()))
    return respond_error(400, "Data before the upgrade");  // RFC 6455 section 4.1
  state_ = state::answering;
  deadline_ = last_deadline_;
  if (auto rejection = upgrade ? check_handshake(head) : std::nullopt) {
    keep_alive_ = false;
    return respond(std::move(*rejection));
  }
  const bool dispatched = guarded("the handler of a request", [&] {
    auto decision = context_.dispatch(std::move(head), upgrade);
    header_lines_ += decision.header_lines;
    execute(std::move(decision.plan));
  });
  if (!dispatched) respond_error(500, "Internal server error");
}

void http_connection::read_body() {
  if (reader_.exceeds(plan_.limit)) return on_body(failure(std::errc::message_size));
  if (reader_.is_done()) return on_body(reader_.take_body());

  state_ = state::body;
  if (!memory_.set(reader_.body_size(plan_.limit))) {
    memory_.release();
    return abort_body(503, "The server has too little memory");
  }
  set_deadline(plan_.timeout.value_or(context_.opts.body_timeout));
  reader_.begin_body(plan_.limit);
  if (!reader_.expects_continue()) return receive_body();
  static constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(io_, asio::buffer(continue_line),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      return ec ? self->close() : self->receive_body();
                    });
}

void http_connection::receive_body() {
  if (state_ != state::body) return;
  reader_.async_read_body(io_, [self = shared_from_this()](error_code ec, std::size_t) {
    if (self->state_ != state::body) return;
    if (request_reader::is_over_limit(ec)) return self->on_body(failure(std::errc::message_size));
    if (self->timed_out_) return self->abort_body(408, "Request timeout");
    if (request_reader::is_malformed(ec)) return self->abort_body(400, "Bad request body");
    if (ec) return self->close();
    self->on_body(self->reader_.take_body());
  });
}

void http_connection::on_body(result<std::string> body) {
  if (!body) keep_alive_ = false;  // what follows is the rest of the body, not a request
  state_ = state::answering;
  memory_.release();
  deadline_ = last_deadline_;
  if (plan_.client_gone) watch();
  auto then = std::exchange(plan_.then, nullptr);
  // If it throws, destroying its responder sends a 500, unless it had responded.
  guarded("an HTTP handler", [&] { then(std::move(body), pending_response(weak_from_this())); });
}

// Plans.

void http_connection::execute(request_plan plan) {
  if (auto* answer = std::get_if<plan::answer>(&plan)) {
    if (answer->close || !reader_.is_done()) keep_alive_ = false;
    respond(std::move(answer->response));
  } else if (auto* upgraded = std::get_if<plan::upgrade>(&plan)) {
    upgrade(std::move(*upgraded));
  } else if (auto* deferred = std::get_if<plan::deferred>(&plan)) {
    plan_.client_gone = std::move(deferred->client_gone);
    watch();
    deferred->start(pending_response(weak_from_this()));
  } else {
    plan_ = std::move(std::get<plan::read_body>(plan));
    read_body();
  }
}

void http_connection::decide(plan::immediate plan, const header_list& headers) {
  if (state_ != state::answering) return;  // the client has disconnected
  plan_.client_gone = nullptr;
  append_header_lines(header_lines_, headers);
  const auto execute_plan = [&] { std::visit([this](auto& p) { execute(std::move(p)); }, plan); };
  if (!guarded("the handler of a request", execute_plan)) respond_error(500, "Internal server error");
}

void http_connection::upgrade(plan::upgrade plan) {
  state_ = state::closed;
  timer_.cancel();
  if (watching_) io_.cancel();
  io_.wait_with(context_.websocket_poller);
  plan.then(std::make_shared<websocket_connection>(context_.websockets, context_.turns, context_.memory,
                                                   std::move(io_), std::move(slot_),
                                                   std::move(header_lines_)));
}

// Responding.

void http_connection::respond_error(int status, std::string_view message) {
  keep_alive_ = false;
  state_ = state::answering;
  respond(http_response::error(status, message));
}

/// Responds with an error, instead of as planned, to a request whose body could not be read.
void http_connection::abort_body(int status, std::string_view message) {
  plan_.then = nullptr;
  notify_client_gone();
  respond_error(status, message);
}

void http_connection::respond(http_response response) {
  if (state_ != state::answering) return;  // the client has disconnected
  state_ = state::writing;
  plan_.client_gone = nullptr;
  if (response.status >= 400) ++context_.stats.http_errors;
  keep_alive_ = keep_alive_ && !draining_ && !context_.draining;
  std::string head = response_head(response, keep_alive_, header_lines_);
  const bool with_body = !head_only_ && response.status != 204 && response.status != 304;
  set_deadline(context_.opts.write_timeout);
  writer_.async_write(io_, std::move(head), with_body ? std::move(response.body) : nullptr,
                      [self = shared_from_this()](error_code ec) { self->on_response_written(ec); });
}

void http_connection::on_response_written(error_code ec) {
  if (state_ != state::writing) return;
  if (ec) return close();
  if (keep_alive_) return next_request();
  if (reader_.is_done()) return close();
  io_.shutdown_send();
  state_ = state::lingering;
  set_deadline(context_.opts.header_timeout);
  writer_.linger(io_, [self = shared_from_this()] {
    if (self->state_ == state::lingering) self->close();
  });
}

void http_connection::close() {
  if (std::exchange(state_, state::closed) == state::closed) return;
  timer_.cancel();
  io_.close();
  notify_client_gone();
}

void http_connection::notify_client_gone() {
  if (auto client_gone = std::exchange(plan_.client_gone, nullptr))
    guarded("an HTTP handler", [&] { client_gone(); });
}

// Deadlines.

void http_connection::set_deadline(milliseconds timeout) {
  deadline_ = std::min(steady_clock::now() + timeout, last_deadline_);
}

/// The timer fires periodically and checks the deadline, so that it need not be re-armed for each request.
/// Its period is at most the shortest timeout, so that it fires in time.
void http_connection::arm_timer() {
  const auto& o = context_.opts;
  const auto period = std::min({o.header_timeout, o.body_timeout, o.keep_alive_timeout, o.write_timeout});
  timer_.expires_at(std::min(deadline_, steady_clock::now() + period));
  timer_.async_wait([self = shared_from_this()](error_code) { self->on_timer(); });
}

void http_connection::on_timer() {
  if (state_ == state::closed) return;
  if (steady_clock::now() < deadline_) return arm_timer();
  if (reserved_) return close();
  if (state_ == state::writing) ++context_.stats.slow_clients_closed;
  if (state_ == state::handshake) ++context_.stats.tls_handshakes_failed;
  if ((state_ != state::header && state_ != state::body) || timed_out_) return close();
  timed_out_ = true;  // the cancelled read responds with a 408
  io_.cancel();
  set_deadline(context_.opts.write_timeout);
  arm_timer();
}

}  // namespace emostream::net
