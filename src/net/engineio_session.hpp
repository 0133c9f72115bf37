#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/request_head.hpp"
#include "engineio/session.hpp"
#include "net/address.hpp"
#include "net/asio.hpp"
#include "net/http/content_coding.hpp"
#include "net/http/request_plan.hpp"
#include "net/session.hpp"
#include "net/websocket/websocket_connection.hpp"

namespace emostream::net {

class engineio_endpoint;

/// Drives one engineio::session: brings it requests, WebSocket messages and the time, and does what it wants
/// done.
class engineio_session final : public session,
                               public websocket_listener,
                               public std::enable_shared_from_this<engineio_session> {
 public:
  engineio_session(engineio_endpoint& endpoint, request_head head, engineio::transport first,
                   engineio::codec codec);

  /// For the request that opens it as a WebSocket.
  plan::upgrade plan_websocket();

  // Requests that name it.
  request_plan plan_poll(const request_head& head);
  request_plan plan_post(std::string_view content_type);
  request_plan plan_upgrade(request_head head, engineio::codec codec);

  /// A GET of its is complete, and takes an answer that is coded so.
  void poll(http_responder respond, content_coding accepted);

  /// Counts as one of its client's until it is closed.
  void hold(address_counter::slot slot) { slot_.emplace(std::move(slot)); }

  void close(engineio::close_reason reason);
  /// As close(), but a client that has gone without a word is not waited for.
  void drain(engineio::close_reason reason);
  /// The server is going and there is no time left: tells the layer above, and nobody else.
  void abandon();

  // session
  [[nodiscard]] std::string_view id() const override { return protocol_.id(); }
  [[nodiscard]] engineio::protocol version() const override { return protocol_.version(); }
  [[nodiscard]] const shared_request& request() const override { return request_; }
  [[nodiscard]] engineio::transport transport() const override { return protocol_.transport(); }
  void send(std::span<const message> batch) override;
  void close() override { close(engineio::close_reason::forced_server_close); }
  [[nodiscard]] std::size_t buffered_bytes() const override { return protocol_.buffered_bytes(); }

 private:
  void on_websocket_open() override;
  void on_websocket_message(std::string_view content, bool binary) override;
  void on_websocket_writable() override;
  void on_websocket_gone(engineio::close_reason reason) override;

  void post(result<std::string> body, http_responder respond);
  void introduce();
  void carry_out(engineio::actions actions);
  template <class Call>
  void contain(const Call& call);
  void on_closed(engineio::close_reason reason);
  void tell_closed();
  void write_frames();
  void keep_time();
  http_response poll_answer(engineio::payload payload, bool compress);

  engineio_endpoint& endpoint_;
  shared_request request_;
  engineio::session protocol_;
  std::unique_ptr<session_handler> handler_;
  std::optional<engineio::close_reason> reason_;  // once closed
  bool introduced_ = false;                       // the layer above knows of it
  bool deaf_ = false;  // closed by this side: what the client still says is not delivered
  content_coding poll_coding_ = content_coding::identity;
  http_responder poll_;  // of the GET that waits
  std::shared_ptr<websocket_connection> websocket_;
  std::vector<engineio::packet> frames_;
  steady_timer timer_;
  time_point armed_ = time_point::max();
  time_point poll_answered_;
  std::optional<address_counter::slot> slot_;
};

}  // namespace emostream::net
