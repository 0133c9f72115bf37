#include "server/engineio/session_driver.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/guarded.hpp"
#include "engineio/error.hpp"
#include "server/engineio/engineio_context.hpp"
#include "server/engineio/engineio_endpoint.hpp"

namespace emostream::server {

namespace plan = net::plan;
using net::content_coding;
using net::http_responder;
using net::http_response;

namespace {

template <class... Visitors>
struct overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
overloaded(Visitors...) -> overloaded<Visitors...>;  // clang 16 needs this guide

constexpr std::array poll_codings{content_coding::gzip, content_coding::deflate};

/// The packets of a POST request while limit_messages() is in force.
constexpr std::size_t max_limited_packets = 16;

/// Replies to messages read in one batch are coalesced up to this size.
constexpr std::size_t batch_bytes = 65'536;

engineio::close_reason reason_of(net::websocket_end end) {
  return end == net::websocket_end::closed ? engineio::close_reason::transport_close
                                           : engineio::close_reason::transport_error;
}

net::websocket_message to_websocket_message(engineio::packet p) {
  return {.prefix = p.prefix(), .data = std::move(p.data), .binary = p.binary, .compress = p.compress};
}

http_response rejection(engineio::error error) {
  return engineio_endpoint::rejection(make_error_code(error), false).response;
}

}  // namespace

session_driver::session_driver(engineio_endpoint& endpoint, std::string id, shared_request request,
                               engineio::transport first, engineio::codec codec,
                               net::address_counter::slot slot)
    : endpoint_(endpoint),
      request_(std::move(request)),
      protocol_(std::move(id), first, endpoint.context().opts.protocol, steady_clock::now(), codec),
      memory_(endpoint.context().http.memory()),
      max_message_(endpoint.context().opts.protocol.max_http_buffer_size),
      slot_(std::move(slot)) {}

void session_driver::limit_messages(std::optional<std::size_t> max_bytes) {
  const auto limit = endpoint_.context().opts.protocol.max_http_buffer_size;
  max_message_ = std::min(limit, max_bytes.value_or(limit));
  protocol_.limit_packets(max_bytes ? max_limited_packets
                                    : endpoint_.context().opts.protocol.max_received_packets);
  if (websocket_) websocket_->set_max_message(max_message_);
}

// Requests.

plan::upgrade session_driver::plan_websocket() {
  return plan::upgrade{[self = shared_from_this()](std::shared_ptr<net::websocket_connection> websocket) {
    self->open_websocket(std::move(websocket), *self->request_);
  }};
}

void session_driver::open_websocket(std::shared_ptr<net::websocket_connection> websocket,
                                    const request_head& head) {
  websocket_ = std::move(websocket);
  websocket_->open(head, shared_from_this(), max_message_);
  arm_timer();
}

plan::immediate session_driver::plan_poll(const request_head& head) {
  return plan::read_body{.limit = 0,
                         .then =
                             [self = shared_from_this(), coding = net::choose_coding(head, poll_codings)](
                                 const result<std::string>& body, http_responder respond) {
                               if (body) return self->poll(std::move(respond), coding);
                               respond(rejection(engineio::error::payload_too_large));
                             },
                         .client_gone =
                             [weak = weak_from_this()] {
                               const auto self = weak.lock();
                               if (!self) return;
                               engineio::actions out;
                               self->poll_ = nullptr;
                               self->protocol_.abort_poll(out);
                               self->execute(std::move(out));
                             }};
}

void session_driver::poll(http_responder respond, content_coding coding) {
  engineio::actions out;
  const bool overlaps = static_cast<bool>(poll_);
  if (!overlaps) {
    poll_ = std::move(respond);
    poll_coding_ = coding;
  }
  const auto polled = protocol_.poll(steady_clock::now(), out);
  execute(std::move(out));
  if (polled) return create_handler();
  auto reject = overlaps ? std::move(respond) : std::exchange(poll_, nullptr);
  reject(engineio_endpoint::rejection(polled.error(), false).response);
}

http_response session_driver::poll_response(engineio::payload payload, bool compress) {
  auto& shared = endpoint_.context();
  auto response = http_response::of(
      200, payload.binary ? "application/octet-stream" : "text/plain; charset=UTF-8", shared_bytes());
  response.headers.emplace_back("Cache-Control", "no-store");
  if (!handler_created_ && shared.opts.cookie)
    response.headers.emplace_back("Set-Cookie", set_cookie_header(*shared.opts.cookie, protocol_.id()));
  const auto threshold = shared.opts.http_compression;
  if (threshold && compress && payload.bytes.size() >= *threshold) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (poll_coding_ != content_coding::identity) {
      payload.bytes = shared.encoder.encode(payload.bytes, poll_coding_);
      response.headers.emplace_back("Content-Encoding", to_string(poll_coding_));
    }
  }
  response.body = std::make_shared<const std::string>(std::move(payload.bytes));
  return response;
}

plan::immediate session_driver::plan_post(std::string_view content_type) {
  engineio::actions out;
  const auto accepted = protocol_.begin_post(content_type.starts_with("application/octet-stream"), out);
  execute(std::move(out));
  if (!accepted) return engineio_endpoint::rejection(accepted.error(), false);
  return plan::read_body{.limit = max_message_,
                         .then =
                             [self = shared_from_this()](result<std::string> body, http_responder respond) {
                               self->post(std::move(body), std::move(respond));
                             },
                         .client_gone =
                             [weak = weak_from_this()] {
                               const auto self = weak.lock();
                               if (self && !self->delivering_) self->protocol_.end_post();
                             }};
}

void session_driver::post(result<std::string> body, http_responder respond) {
  if (!body) {
    protocol_.end_post();
    if (max_message_ == endpoint_.context().opts.protocol.max_http_buffer_size)
      return respond(rejection(engineio::error::payload_too_large));
    // Too large for limit_messages(): closed as for any message that the application does not accept.
    respond(http_response::of(200, "text/html", std::string("ok")));
    return close(engineio::close_reason::parse_error);
  }
  engineio::actions out;
  const auto accepted = protocol_.finish_post(*body, steady_clock::now(), out);
  if (!accepted) {
    protocol_.end_post();
    respond(engineio_endpoint::rejection(accepted.error(), false).response);
    return execute(std::move(out));
  }
  delivering_ = true;
  endpoint_.context().http.turns().add(
      share_, [self = shared_from_this(), p = posted{std::move(out), std::move(respond)}]() mutable {
        return self->deliver_posted(p);
      });
}

/// Takes a turn of the actions of a POST request, and responds to it after the last one. True if there are
/// more.
bool session_driver::deliver_posted(posted& p) {
  constexpr std::size_t actions_between_checks = 8;
  constexpr std::size_t large = 2048;  // bytes of a message that may take long
  const auto& turns = endpoint_.context().http.turns();
  while (p.next < p.actions.size()) {
    auto& action = p.actions[p.next++];
    const auto* message = std::get_if<engineio::action::deliver>(&action);
    const bool check =
        p.next % actions_between_checks == 0 || (message && message->content.content.size() > large);
    execute(action);
    if (check && turns.over()) break;
  }
  write_packets();
  arm_timer();
  if (p.next < p.actions.size()) return true;
  delivering_ = false;
  protocol_.end_post();
  p.respond(http_response::of(200, "text/html", std::string("ok")));
  return false;
}

plan::immediate session_driver::plan_upgrade(const shared_request& request, engineio::codec codec) {
  // As on the Node.js server, a rejected upgrade completes the WebSocket handshake and is then closed.
  if (!protocol_.attach_websocket(steady_clock::now(), codec))
    return plan::upgrade{[request](const std::shared_ptr<net::websocket_connection>& websocket) {
      websocket->open(*request, nullptr, 0);
    }};
  return plan::upgrade{
      [self = shared_from_this(), request](std::shared_ptr<net::websocket_connection> websocket) {
        self->open_websocket(std::move(websocket), *request);
      }};
}

// The WebSocket.

void session_driver::on_websocket_open() {
  write_packets();
  create_handler();
}

void session_driver::on_websocket_message(std::string_view content, bool binary) {
  engineio::actions out;
  const auto before = protocol_.transport();
  protocol_.receive(content, binary, steady_clock::now(), out);
  if (protocol_.transport() != before) ++endpoint_.context().stats.sessions_upgraded;
  execute(std::move(out));
}

void session_driver::on_websocket_writable() {
  engineio::actions out;
  protocol_.packets_written(out);
  execute(std::move(out));
}

void session_driver::on_websocket_closed(net::websocket_end end) {
  websocket_ = nullptr;
  engineio::actions out;
  protocol_.websocket_closed(reason_of(end), out);
  execute(std::move(out));
}

// The application.

void session_driver::create_handler() {
  if (protocol_.closed() || std::exchange(handler_created_, true)) return;
  guarded([&] { handler_ = endpoint_.create_handler(shared_from_this()); });
  if (protocol_.closed())
    notify_closed();  // the factory closed the session
  else if (!handler_)
    close();
}

void session_driver::abort() {
  muted_ = true;
  timer_.cancel();
  slot_.reset();
  websocket_ = nullptr;  // breaks the cycle: it holds this session as its listener
  if (const auto handler = std::exchange(handler_, nullptr))
    guarded([&] { handler->on_close(engineio::close_reason::server_shutting_down); });
}

void session_driver::send(std::span<const message> batch) {
  engineio::actions out;
  protocol_.send(batch, out);
  execute(std::move(out));
}

void session_driver::close(engineio::close_reason reason) {
  muted_ = true;
  engineio::actions out;
  protocol_.close(reason, steady_clock::now(), out);
  execute(std::move(out));
}

void session_driver::drain() {
  muted_ = true;
  engineio::actions out;
  // A polling client normally sends its next GET immediately after a response; allow it a short grace period.
  const bool between_polls = protocol_.transport() == engineio::transport::polling && !poll_;
  protocol_.close(
      engineio::close_reason::server_shutting_down, steady_clock::now(), out,
      between_polls ? poll_answered_ + endpoint_.context().opts.poll_reconnect_grace : time_point::max());
  execute(std::move(out));
}

// The protocol's actions.

void session_driver::execute(engineio::actions actions) {
  for (auto& action : actions) execute(action);
  write_packets();
  count_memory();
  arm_timer();
}

/// Records the memory of what the client has not read; closes the session if the server has too little.
void session_driver::count_memory() {
  if (memory_.set(protocol_.buffered_bytes())) return;
  engineio::actions out;
  protocol_.overflow(out);
  execute(std::move(out));
}

void session_driver::execute(engineio::actions::value_type& action) {
  std::visit(overloaded{
                 [&](engineio::action::deliver& a) {
                   if (handler_ && !muted_) guarded([&] { handler_->on_message(a.content); });
                 },
                 [&](engineio::action::answer_poll& a) {
                   poll_answered_ = steady_clock::now();
                   if (auto respond = std::exchange(poll_, nullptr))
                     respond(poll_response(std::move(a.payload), a.compress));
                 },
                 [&](engineio::action::close_websocket&) {
                   if (auto websocket = std::exchange(websocket_, nullptr)) websocket->close();
                 },
                 [&](engineio::action::closed& a) { on_closed(a.reason); },
             },
             action);
}

/// Runs `call`, which calls the application's handler or factory; an exception closes the session, not the
/// server.
template <class Call>
void session_driver::guarded(const Call& call) {
  if (!emostream::guarded("the handler of session", protocol_.id(), call)) close();
}

void session_driver::on_closed(engineio::close_reason reason) {
  if (protocol_.overflowed()) {
    ++endpoint_.context().stats.slow_sessions_closed;
    spdlog::info("session {} closed: the client does not read", protocol_.id());
  }
  muted_ = true;
  reason_ = reason;
  timer_.cancel();
  slot_.reset();
  endpoint_.remove(protocol_.id());
  notify_closed();
}

void session_driver::notify_closed() {
  // Posted, because the handler itself may have closed the session.
  endpoint_.context().http.post([self = shared_from_this(), handler = std::move(handler_)] {
    if (handler) self->guarded([&] { handler->on_close(*self->reason_); });
    self->endpoint_.on_session_ended();
  });
}

void session_driver::write_packets() {
  if (!websocket_ || !websocket_->writable() || !protocol_.has_packets()) return;
  if (websocket_->dispatching() && protocol_.buffered_bytes() < batch_bytes) return;
  auto& packets = endpoint_.context().taken_packets;
  protocol_.take_packets(packets);
  for (auto& packet : packets) outgoing_.push_back(to_websocket_message(std::move(packet)));
  packets.clear();
  if (websocket_->write(outgoing_)) on_websocket_writable();
}

/// Arms the timer if the deadline is now earlier. If it is later, the timer is re-armed only when it fires,
/// so that messages do not re-arm it.
void session_driver::arm_timer() {
  const auto deadline = protocol_.deadline();
  if (!deadline || *deadline >= armed_) return;
  armed_ = *deadline;
  timer_ = endpoint_.context().http.call_at(armed_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->armed_ = time_point::max();
    engineio::actions out;
    self->protocol_.tick(steady_clock::now(), out);
    self->execute(std::move(out));
  });
}

}  // namespace emostream::server
