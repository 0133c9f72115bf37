#include "net/http/http_connection.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <spdlog/spdlog.h>

#include "engineio/error.hpp"
#include "net/http/head_scanner.hpp"
#include "net/http/request_parsing.hpp"
#include "net/http/response_head.hpp"
#include "net/stream.hpp"
#include "net/websocket/websocket_connection.hpp"

namespace emostream::net {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

/// What is thrown away at most when a client goes on sending a body that nobody wants, and for how long: a
/// client whose connection is reset while it sends may never read the answer.
constexpr std::size_t linger_bytes = 16'000'000;

/// Bytes that are received and not looked at, at most: so much of the line before a chunk, which is read
/// whole, or of the next requests.
constexpr std::size_t max_unread = 65'536;
constexpr std::size_t header_read = 4096;
/// What the chunks of a body say of themselves, for nobody to read.
constexpr std::size_t max_chunk_extensions = 1024;

enum class phase { handshake, idle, header, body, answering, writing, lingering, closed };

bool is_malformed(const error_code& ec) {
  return ec.category() == make_error_code(http::error::end_of_stream).category() &&
         ec != http::error::end_of_stream && ec != http::error::partial_message;
}

struct chunk_guard {
  std::size_t extensions = 0;
  void operator()(std::uint64_t, beast::string_view more, error_code& ec) {
    if ((extensions += more.size()) > max_chunk_extensions) ec = http::error::bad_chunk_extension;
  }
};

}  // namespace

struct http_connection::impl {
  impl(context& c, stream s, asio::ip::address p, connection_slot slot_)
      : ctx(c),
        slot(std::move(slot_)),
        io(std::move(s)),
        peer(std::move(p)),
        remote_address(unmapped(peer).to_string()),
        timer(io.get_executor()),
        buffer(fresh_buffer()),
        scanner(c.opts.max_header_fields) {}

  [[nodiscard]] beast::flat_buffer fresh_buffer() const {
    return beast::flat_buffer(std::max(ctx.opts.max_header_bytes, max_unread));
  }

  context& ctx;
  connection_slot slot;
  stream io;
  asio::ip::address peer;
  std::string remote_address;
  steady_timer timer;
  time_point deadline = time_point::max();
  phase at = phase::idle;
  bool watching = false;  // an async_wait for the client's next byte, or its end, is pending
  bool keep_alive = true;
  bool head_only = false;
  bool last = false;         // no further request on this connection
  bool timed_out = false;    // what was read was given up
  bool turned_away = false;  // whatever it asks
  beast::flat_buffer buffer;
  head_scanner scanner;
  chunk_guard chunks;
  std::optional<http::request_parser<http::string_body>> parser;
  plan::read_body plan;
  std::string extra_lines;
  // the answer being written
  std::string head;
  shared_bytes content;
  std::size_t lingered = 0;
};

/// The responder that a handler holds: answers once, and with a 500 if it is dropped.
class http_connection::pending_answer {
 public:
  explicit pending_answer(std::weak_ptr<http_connection> c) : connection_(std::move(c)) {}
  pending_answer(pending_answer&&) = default;
  pending_answer& operator=(pending_answer&&) = delete;
  ~pending_answer() {
    if (const auto c = connection_.lock(); c && !c->impl_->ctx.torn_down)
      c->respond(http_response::error(500, "Internal server error"));
  }
  void operator()(http_response response) {
    if (const auto c = std::exchange(connection_, {}).lock()) c->respond(std::move(response));
  }
  /// The same for a request that waits to be decided on.
  void operator()(plan::decided what) {
    if (const auto c = std::exchange(connection_, {}).lock()) c->decide(std::move(what));
  }

 private:
  std::weak_ptr<http_connection> connection_;
};

http_connection::http_connection(context& c, stream io, asio::ip::address peer, connection_slot slot)
    : impl_(std::make_unique<impl>(c, std::move(io), std::move(peer), std::move(slot))) {
  c.http_connections.insert(this);
}

http_connection::~http_connection() {
  impl_->ctx.http_connections.erase(this);
  if (impl_->turned_away) --impl_->ctx.turning_away;
}

void http_connection::start() {
  if (impl_->io.secure())
    shake_hands();
  else
    next_request();
  keep_time();
}

void http_connection::turn_away(int status, std::string_view message) {
  auto& i = *impl_;
  i.turned_away = true;
  ++i.ctx.turning_away;
  i.parser.emplace();
  refuse(status, message);
  keep_time();
}

void http_connection::finish() {
  impl_->last = true;
  if (impl_->at == phase::idle || impl_->at == phase::handshake) close();
}

void http_connection::shake_hands() {
  impl_->at = phase::handshake;
  set_deadline(impl_->ctx.opts.header_timeout);
  impl_->io.async_handshake([self = shared_from_this()](error_code ec) { self->on_handshake(ec); });
}

void http_connection::on_handshake(error_code ec) {
  auto& i = *impl_;
  if (i.at != phase::handshake) return;
  if (!ec) return next_request();
  ++i.ctx.stats.tls_handshakes_failed;
  spdlog::debug("TLS with {} failed: {}", i.remote_address, ec.message());
  if (!is_plain_http(ec)) return close();
  i.parser.emplace();
  refuse(400, "This port speaks HTTPS");
}

void http_connection::next_request() {
  auto& i = *impl_;
  i.parser.reset();
  i.plan = {};
  i.extra_lines.clear();
  i.head_only = false;
  if (i.last) return close();
  if (i.buffer.size() != 0) return read_header();  // the client pipelines
  i.buffer = i.fresh_buffer();                     // an idle connection holds no memory for the next request
  i.at = phase::idle;
  set_deadline(i.ctx.opts.keep_alive_timeout);
  watch();
}

void http_connection::watch() {
  if (std::exchange(impl_->watching, true)) return;
  impl_->io.wait_readable([self = shared_from_this()](error_code ec) {
    self->impl_->watching = false;
    if (!ec) self->on_readable();
  });
}

void http_connection::on_readable() {
  auto& i = *impl_;
  if (i.at == phase::idle) return read_header();
  if (i.at != phase::answering) return;
  // A request is being answered: is this the next one, which can wait, or the client's end?
  const auto ec = i.io.peek();
  if (ec == asio::error::would_block) return watch();
  if (ec) close();
}

void http_connection::read_header() {
  auto& i = *impl_;
  i.at = phase::header;
  set_deadline(i.ctx.opts.header_timeout);
  i.parser.emplace();
  i.parser->header_limit(static_cast<std::uint32_t>(i.ctx.opts.max_header_bytes));
  i.parser->body_limit(boost::none);  // the header decides
  i.scanner = head_scanner(i.ctx.opts.max_header_fields);
  i.buffer.size() != 0 ? scan_header() : receive_header();
}

void http_connection::receive_header() {
  auto& i = *impl_;
  const auto room = std::min(header_read, i.ctx.opts.max_header_bytes - i.buffer.size());
  i.io.async_read_some(i.buffer.prepare(room), [self = shared_from_this()](error_code ec, std::size_t size) {
    auto& j = *self->impl_;
    if (j.at != phase::header) return;
    if (j.timed_out) return self->refuse(408, "Request timeout");
    if (ec) return self->close();
    j.buffer.commit(size);
    self->scan_header();
  });
}

void http_connection::scan_header() {
  auto& i = *impl_;
  const auto bytes = i.buffer.data();
  switch (i.scanner.scan({static_cast<const char*>(bytes.data()), bytes.size()})) {
    case head_scanner::verdict::incomplete:
      if (bytes.size() < i.ctx.opts.max_header_bytes) return receive_header();
      [[fallthrough]];
    case head_scanner::verdict::too_many_fields:
      return refuse(431, "Request header fields too large");
    case head_scanner::verdict::malformed:
      return refuse(400, "Bad request");
    case head_scanner::verdict::complete:
      error_code ec;
      i.parser->put(asio::const_buffer(bytes.data(), i.scanner.size()), ec);
      i.buffer.consume(i.scanner.size());
      return on_header(ec);
  }
}

void http_connection::on_header(error_code ec) {
  auto& i = *impl_;
  if (ec == http::error::header_limit) return refuse(431, "Request header fields too large");
  if (ec) return refuse(400, "Bad request");

  const auto& message = i.parser->get();
  request_head head = head_of(message);
  head.remote_address = i.remote_address;
  head.secure = i.io.secure();
  i.ctx.proxies.apply(head, i.peer);
  i.keep_alive = i.parser->keep_alive();
  i.head_only = head.method == "HEAD";
  ++i.ctx.stats.http_requests;
  if (!set_target(head, std::string_view(message.target()))) return refuse(400, "Bad request target");
  if (!is_unambiguous(head, message.version() < 11)) return refuse(400, "Ambiguous request");

  const bool upgrade = beast::websocket::is_upgrade(message);
  if (upgrade && (i.buffer.size() != 0 || !i.parser->is_done()))
    return refuse(400, "Data before the upgrade");  // RFC 6455 section 4.1
  i.at = phase::answering;
  i.deadline = time_point::max();
  if (auto refusal = upgrade ? refuse_handshake(head) : std::nullopt) {
    i.keep_alive = false;
    return respond(std::move(*refusal));
  }
  try {
    auto dispatched = i.ctx.dispatch(std::move(head), upgrade);
    i.extra_lines = std::move(dispatched.header_lines);
    carry_out(std::move(dispatched.what));
  } catch (const std::exception& e) {
    spdlog::error("a request could not be dispatched: {}", e.what());
    refuse(500, "Internal server error");
  }
}

void http_connection::carry_out(request_plan what) {
  auto& i = *impl_;
  if (auto* answer = std::get_if<plan::answer>(&what)) {
    if (answer->close || !i.parser->is_done()) i.keep_alive = false;
    respond(std::move(answer->response));
  } else if (auto* upgrade = std::get_if<plan::upgrade>(&what)) {
    i.at = phase::closed;
    i.timer.cancel();
    if (i.watching) i.io.cancel();
    upgrade->then(std::make_shared<websocket_connection>(i.ctx, std::move(i.io), std::move(i.slot),
                                                         std::move(i.extra_lines)));
  } else if (auto* later = std::get_if<plan::later>(&what)) {
    i.plan.client_gone = std::move(later->client_gone);
    watch();
    later->start(pending_answer(weak_from_this()));
  } else {
    i.plan = std::move(std::get<plan::read_body>(what));
    read_body();
  }
}

void http_connection::decide(plan::decided what) {
  if (impl_->at != phase::answering) return;  // the client is gone
  impl_->plan.client_gone = nullptr;
  if (impl_->watching) impl_->io.cancel();
  try {
    std::visit([this](auto& p) { carry_out(std::move(p)); }, what);
  } catch (const std::exception& e) {
    spdlog::error("a request could not be carried out: {}", e.what());
    refuse(500, "Internal server error");
  }
}

void http_connection::read_body() {
  auto& i = *impl_;
  if (const auto size = i.parser->content_length(); size && *size > i.plan.limit)
    return on_body(failure(engineio::error::payload_too_large));
  if (i.parser->is_done()) return on_body(std::move(i.parser->get().body()));

  i.at = phase::body;
  set_deadline(i.ctx.opts.body_timeout);
  i.parser->body_limit(i.plan.limit);
  i.parser->on_chunk_header(i.chunks = {});
  if (const auto size = i.parser->content_length())  // a large body is not to come in small pieces
    i.buffer.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*size, max_unread)));
  if (!expects_continue(i.parser->get())) return receive_body();
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(i.io, asio::buffer(go_on), [self = shared_from_this()](error_code ec, std::size_t) {
    return ec ? self->close() : self->receive_body();
  });
}

void http_connection::receive_body() {
  auto& i = *impl_;
  if (i.at != phase::body) return;
  http::async_read(i.io, i.buffer, *i.parser, [self = shared_from_this()](error_code ec, std::size_t) {
    auto& j = *self->impl_;
    if (j.at != phase::body) return;
    if (ec == http::error::body_limit) return self->on_body(failure(engineio::error::payload_too_large));
    if (j.timed_out) return self->refuse_body(408, "Request timeout");
    if (is_malformed(ec)) return self->refuse_body(400, "Bad request body");
    if (ec) return self->close();
    self->on_body(std::move(j.parser->get().body()));
  });
}

void http_connection::on_body(result<std::string> body) {
  auto& i = *impl_;
  if (!body) i.keep_alive = false;  // what follows is the rest of the body, not a request
  i.at = phase::answering;
  i.deadline = time_point::max();
  if (i.plan.client_gone) watch();
  auto then = std::exchange(i.plan.then, nullptr);
  try {
    then(std::move(body), pending_answer(weak_from_this()));
  } catch (const std::exception& e) {
    spdlog::error("an HTTP handler failed: {}",
                  e.what());  // its responder, being destroyed, has answered 500
  }
}

void http_connection::refuse(int status, std::string_view message) {
  impl_->keep_alive = false;
  impl_->at = phase::answering;
  respond(http_response::error(status, message));
}

/// The same for a request that somebody waits for.
void http_connection::refuse_body(int status, std::string_view message) {
  impl_->plan.then = nullptr;
  if (auto gone = std::exchange(impl_->plan.client_gone, nullptr)) gone();
  refuse(status, message);
}

void http_connection::respond(http_response response) {
  auto& i = *impl_;
  if (i.at != phase::answering) return;  // the client is gone
  i.at = phase::writing;
  i.plan.client_gone = nullptr;
  if (response.status >= 400) ++i.ctx.stats.http_errors;
  i.keep_alive = i.keep_alive && !i.last && !i.ctx.draining;
  i.head = response_head(response, i.keep_alive, i.extra_lines);
  i.content = std::move(response.body);
  set_deadline(i.ctx.opts.write_timeout);

  const bool with_body = i.content && !i.head_only && response.status != 204 && response.status != 304;
  const std::array<asio::const_buffer, 2> buffers{
      asio::buffer(i.head), with_body ? asio::buffer(*i.content) : asio::const_buffer()};
  asio::async_write(i.io, buffers, [self = shared_from_this()](error_code ec, std::size_t) {
    auto& j = *self->impl_;
    if (j.at != phase::writing) return;
    std::string().swap(j.head);
    j.content = nullptr;
    if (ec) return self->close();
    if (j.keep_alive) return self->next_request();
    if (j.parser->is_done()) return self->close();
    j.io.shutdown_send();
    j.at = phase::lingering;
    self->set_deadline(j.ctx.opts.header_timeout);
    self->linger();
  });
}

/// Throws away what the client still sends, until it has read the answer and closes: a connection that is
/// reset meanwhile would take the answer with it.
void http_connection::linger() {
  auto& i = *impl_;
  i.head.resize(8192);
  i.io.async_read_some(asio::buffer(i.head), [self = shared_from_this()](error_code ec, std::size_t size) {
    auto& j = *self->impl_;
    if (j.at != phase::lingering) return;
    j.lingered += size;
    if (ec || j.lingered > linger_bytes) return self->close();
    self->linger();
  });
}

void http_connection::close() {
  auto& i = *impl_;
  if (std::exchange(i.at, phase::closed) == phase::closed) return;
  i.timer.cancel();
  i.io.close();
  if (auto gone = std::exchange(i.plan.client_gone, nullptr)) gone();
}

void http_connection::set_deadline(milliseconds timeout) {
  impl_->deadline = steady_clock::now() + timeout;
}

/// One timer looks at the deadline every so often, so that no request needs to re-arm it. No timeout is
/// shorter than its period, so it is never late.
void http_connection::keep_time() {
  auto& i = *impl_;
  const auto& o = i.ctx.opts;
  const auto period = std::min({o.header_timeout, o.body_timeout, o.keep_alive_timeout, o.write_timeout});
  i.timer.expires_at(std::min(i.deadline, steady_clock::now() + period));
  i.timer.async_wait([self = shared_from_this()](error_code) {
    auto& j = *self->impl_;
    if (j.at == phase::closed) return;
    if (steady_clock::now() < j.deadline) return self->keep_time();
    if (j.at == phase::writing) ++j.ctx.stats.slow_clients_closed;
    if (j.at == phase::handshake) ++j.ctx.stats.tls_handshakes_failed;
    if ((j.at != phase::header && j.at != phase::body) || j.timed_out) return self->close();
    j.timed_out = true;  // which the read under way tells the client
    j.io.cancel();
    self->set_deadline(j.ctx.opts.write_timeout);
    self->keep_time();
  });
}

}  // namespace emostream::net
