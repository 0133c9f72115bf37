#include "net/engineio_session.hpp"

#include <array>
#include <utility>

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "engineio/error.hpp"
#include "net/engineio_endpoint.hpp"

namespace emostream::net {

namespace {

template <class... Visitors>
struct overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
overloaded(Visitors...) -> overloaded<Visitors...>;  // which clang 16 needs

constexpr std::array poll_codings{content_coding::gzip, content_coding::deflate};

/// Answers to messages that arrived together wait for each other, up to so many bytes.
constexpr std::size_t batch_bytes = 65'536;

}  // namespace

engineio_session::engineio_session(engineio_endpoint& endpoint, request_head head, engineio::transport first,
                                   engineio::codec codec)
    : endpoint_(endpoint),
      request_(std::make_shared<const request_head>(std::move(head))),
      protocol_(engineio::make_session_id(), first, endpoint.context_.opts.engineio, steady_clock::now(),
                codec),
      timer_(endpoint.context_.io.get_executor()) {}

// Requests.

plan::upgrade engineio_session::plan_websocket() {
  return plan::upgrade{[self = shared_from_this()](std::shared_ptr<websocket_connection> websocket) {
    self->websocket_ = std::move(websocket);
    self->websocket_->open(*self->request_, self);
    self->keep_time();
  }};
}

request_plan engineio_session::plan_poll(const request_head& head) {
  const std::weak_ptr weak = weak_from_this();
  return plan::read_body{.limit = 0,
                         .then =
                             [self = shared_from_this(), accepted = choose_coding(head, poll_codings)](
                                 const result<std::string>& body, http_responder respond) {
                               if (body) return self->poll(std::move(respond), accepted);
                               respond(engineio_endpoint::refuse(body.error(), false).response);
                             },
                         .client_gone =
                             [weak] {
                               const auto self = weak.lock();
                               if (!self) return;
                               engineio::actions out;
                               self->poll_ = nullptr;
                               self->protocol_.abort_poll(out);
                               self->carry_out(std::move(out));
                             }};
}

void engineio_session::poll(http_responder respond, content_coding accepted) {
  engineio::actions out;
  const bool waits = static_cast<bool>(poll_);
  if (!waits) {
    poll_ = std::move(respond);
    poll_coding_ = accepted;
  }
  const auto taken = protocol_.poll(steady_clock::now(), out);
  carry_out(std::move(out));
  if (taken) return introduce();
  auto refused = waits ? std::move(respond) : std::exchange(poll_, nullptr);
  refused(engineio_endpoint::refuse(taken.error(), false).response);
}

http_response engineio_session::poll_answer(engineio::payload payload, bool compress) {
  auto& shared = endpoint_.context_;
  auto response = http_response::of(
      200, payload.binary ? "application/octet-stream" : "text/plain; charset=UTF-8", shared_bytes());
  response.headers.emplace_back("Cache-Control", "no-store");
  if (!introduced_ && shared.opts.cookie)
    response.headers.emplace_back("Set-Cookie", set_cookie(*shared.opts.cookie, protocol_.id()));
  const auto least = shared.opts.http_compression;
  if (least && compress && payload.bytes.size() >= *least) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (poll_coding_ != content_coding::identity) {
      payload.bytes = shared.encoder.encode(payload.bytes, poll_coding_);
      response.headers.emplace_back("Content-Encoding", to_string(poll_coding_));
    }
  }
  response.body = std::make_shared<const std::string>(std::move(payload.bytes));
  return response;
}

request_plan engineio_session::plan_post(std::string_view content_type) {
  engineio::actions out;
  const auto accepted = protocol_.begin_post(content_type.starts_with("application/octet-stream"), out);
  carry_out(std::move(out));
  if (!accepted) return engineio_endpoint::refuse(accepted.error(), false);
  const std::weak_ptr weak = weak_from_this();
  return plan::read_body{.limit = endpoint_.context_.opts.engineio.max_http_buffer_size,
                         .then =
                             [self = shared_from_this()](result<std::string> body, http_responder respond) {
                               self->post(std::move(body), std::move(respond));
                             },
                         .client_gone =
                             [weak] {
                               if (const auto self = weak.lock()) self->protocol_.abort_post();
                             }};
}

void engineio_session::post(result<std::string> body, http_responder respond) {
  if (!body) {
    protocol_.abort_post();
    return respond(engineio_endpoint::refuse(body.error(), false).response);
  }
  engineio::actions out;
  const auto accepted = protocol_.finish_post(*body, steady_clock::now(), out);
  respond(accepted ? http_response::of(200, "text/html", std::string("ok"))
                   : engineio_endpoint::refuse(accepted.error(), false).response);
  carry_out(std::move(out));
}

request_plan engineio_session::plan_upgrade(request_head head, engineio::codec codec) {
  if (!protocol_.attach_websocket(steady_clock::now(),
                                  codec))  // as the Node server: the handshake, then the close
    return plan::upgrade{[head = std::move(head)](const std::shared_ptr<websocket_connection>& websocket) {
      websocket->open(head, nullptr);
    }};
  return plan::upgrade{
      [self = shared_from_this(), head = std::move(head)](std::shared_ptr<websocket_connection> websocket) {
        self->websocket_ = std::move(websocket);
        self->websocket_->open(head, self);
        self->keep_time();
      }};
}

// The WebSocket.

void engineio_session::on_websocket_open() {
  write_frames();
  introduce();
}

void engineio_session::on_websocket_message(std::string_view content, bool binary) {
  engineio::actions out;
  const auto before = protocol_.transport();
  protocol_.receive(content, binary, steady_clock::now(), out);
  if (protocol_.transport() != before) ++endpoint_.context_.stats.sessions_upgraded;
  carry_out(std::move(out));
}

void engineio_session::on_websocket_writable() {
  engineio::actions out;
  protocol_.frames_written(out);
  carry_out(std::move(out));
}

void engineio_session::on_websocket_gone(engineio::close_reason reason) {
  websocket_ = nullptr;
  engineio::actions out;
  protocol_.websocket_closed(reason, out);
  carry_out(std::move(out));
}

// The application.

void engineio_session::introduce() {
  if (protocol_.closed() || std::exchange(introduced_, true)) return;
  contain([&] { handler_ = endpoint_.introduce(shared_from_this()); });
  if (protocol_.closed())
    tell_closed();  // it closed while it was introduced
  else if (!handler_)
    close();
}

void engineio_session::abandon() {
  deaf_ = true;
  slot_.reset();
  if (const auto handler = std::exchange(handler_, nullptr))
    contain([&] { handler->on_close(engineio::close_reason::server_shutting_down); });
}

void engineio_session::send(std::span<const message> batch) {
  engineio::actions out;
  protocol_.send(batch, out);
  carry_out(std::move(out));
}

void engineio_session::close(engineio::close_reason reason) {
  deaf_ = true;
  engineio::actions out;
  protocol_.close(reason, steady_clock::now(), out);
  carry_out(std::move(out));
}

void engineio_session::drain(engineio::close_reason reason) {
  const auto now = steady_clock::now();
  deaf_ = true;
  engineio::actions out;
  // One that polls comes back as soon as it has its answer.
  const bool away = protocol_.transport() == engineio::transport::polling && !poll_;
  protocol_.close(reason, now, out,
                  away ? poll_answered_ + endpoint_.context_.opts.poll_gap : time_point::max());
  carry_out(std::move(out));
}

// What the protocol wants.

void engineio_session::carry_out(engineio::actions actions) {
  for (auto& action : actions) {
    std::visit(overloaded{
                   [&](engineio::action::deliver& a) {
                     if (handler_ && !deaf_) contain([&] { handler_->on_message(a.content); });
                   },
                   [&](engineio::action::answer_poll& a) {
                     poll_answered_ = steady_clock::now();
                     if (auto respond = std::exchange(poll_, nullptr))
                       respond(poll_answer(std::move(a.payload), a.compress));
                   },
                   [&](engineio::action::close_websocket&) {
                     if (auto websocket = std::exchange(websocket_, nullptr)) websocket->close();
                   },
                   [&](engineio::action::closed& a) { on_closed(a.reason); },
               },
               action);
  }
  write_frames();
  keep_time();
}

/// Calls the layer above; a bug there ends the session, and not the server.
template <class Call>
void engineio_session::contain(const Call& call) {
  try {
    call();
  } catch (const std::exception& e) {
    spdlog::error("session {} failed: {}", protocol_.id(), e.what());
    close();
  }
}

void engineio_session::on_closed(engineio::close_reason reason) {
  if (protocol_.overflowed()) {
    ++endpoint_.context_.stats.slow_clients_closed;
    spdlog::info("session {} closed: the client does not read", protocol_.id());
  }
  deaf_ = true;
  reason_ = reason;
  timer_.cancel();
  slot_.reset();
  endpoint_.forget(protocol_.id());
  tell_closed();
}

void engineio_session::tell_closed() {
  // Not from inside a call of the handler's own, which may be where the close came from.
  asio::post(endpoint_.context_.io, [self = shared_from_this(), handler = std::move(handler_)] {
    if (handler) self->contain([&] { handler->on_close(*self->reason_); });
    self->endpoint_.context_.on_gone();
  });
}

void engineio_session::write_frames() {
  if (!websocket_ || !websocket_->writable() || !protocol_.has_frames()) return;
  if (websocket_->hearing() && protocol_.buffered_bytes() < batch_bytes) return;
  protocol_.take_frames(frames_);
  if (websocket_->write(frames_)) on_websocket_writable();
}

/// Arms the timer if the deadline came closer; one that moved away is seen when the timer fires, so that no
/// message re-arms it.
void engineio_session::keep_time() {
  const auto deadline = protocol_.deadline();
  if (!deadline || *deadline >= armed_) return;
  armed_ = *deadline;
  timer_.expires_at(armed_);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec) return;
    self->armed_ = time_point::max();
    engineio::actions out;
    self->protocol_.tick(steady_clock::now(), out);
    self->carry_out(std::move(out));
  });
}

}  // namespace emostream::net
