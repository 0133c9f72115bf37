#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/request_head.hpp"
#include "engineio/session.hpp"
#include "net/address.hpp"
#include "net/http/content_coding.hpp"
#include "net/http/request_plan.hpp"
#include "net/memory_budget.hpp"
#include "net/timer.hpp"
#include "net/turn_queue.hpp"
#include "net/websocket/websocket_connection.hpp"
#include "server/engineio/engineio_session.hpp"

namespace emostream::server {

class engineio_endpoint;

/// Drives one engineio::session: passes it requests, WebSocket messages and the time, and executes its
/// actions.
class session_driver final : public engineio_session,
                             public net::websocket_listener,
                             public std::enable_shared_from_this<session_driver> {
 public:
  /// `slot` counts the session for its client's address until it closes.
  session_driver(engineio_endpoint& endpoint, std::string id, shared_request request,
                 engineio::transport first, engineio::codec codec, net::address_counter::slot slot);

  /// The plan for the WebSocket request that opens the session.
  net::plan::upgrade plan_websocket();

  // The plans for later requests of the session.
  net::plan::immediate plan_poll(const request_head& head);
  net::plan::immediate plan_post(std::string_view content_type);
  net::plan::immediate plan_upgrade(const shared_request& request, engineio::codec codec);

  /// Handles a complete long-poll GET; `coding` is used if the response is compressed.
  void poll(net::http_responder respond, net::content_coding coding);

  void close(engineio::close_reason reason);
  /// Closes because the server shuts down; does not wait for a client that has stopped polling.
  void drain();
  /// Ends the session and notifies the handler, but not the client.
  void abort();

  // engineio_session
  [[nodiscard]] std::string_view id() const override { return protocol_.id(); }
  [[nodiscard]] engineio::protocol version() const override { return protocol_.version(); }
  [[nodiscard]] const shared_request& request() const override { return request_; }
  [[nodiscard]] engineio::transport transport() const override { return protocol_.transport(); }
  void send(std::span<const message> batch) override;
  void close() override { close(engineio::close_reason::forced_server_close); }
  void limit_messages(std::optional<std::size_t> max_bytes) override;
  [[nodiscard]] std::size_t buffered_bytes() const override { return protocol_.buffered_bytes(); }
  [[nodiscard]] bool writable() const override { return protocol_.writable(); }

 private:
  /// A POST request whose actions are being taken.
  struct posted {
    engineio::actions actions;
    net::http_responder respond;
    std::size_t next = 0;  ///< index in actions
  };

  // websocket_listener
  void on_websocket_open() override;
  void on_websocket_message(std::string_view content, bool binary) override;
  void on_websocket_writable() override;
  void on_websocket_closed(net::websocket_end end) override;

  void open_websocket(std::shared_ptr<net::websocket_connection> websocket, const request_head& head);
  void post(result<std::string> body, net::http_responder respond);
  bool deliver_posted(posted& p);
  void create_handler();
  void execute(engineio::actions actions);
  void execute(engineio::actions::value_type& action);
  template <class Call>
  void guarded(const Call& call);
  void on_closed(engineio::close_reason reason);
  void notify_closed();
  void count_memory();
  void write_packets();
  void arm_timer();
  net::http_response poll_response(engineio::payload payload, bool compress);

  engineio_endpoint& endpoint_;
  shared_request request_;
  engineio::session protocol_;
  std::unique_ptr<engineio_session_handler> handler_;
  std::optional<engineio::close_reason> reason_;  // once closed
  bool handler_created_ = false;
  bool muted_ = false;  // closing or closed: messages from the client are no longer delivered
  net::content_coding poll_coding_ = net::content_coding::identity;
  net::http_responder poll_;  // responds to the waiting GET; null if none waits
  std::shared_ptr<net::websocket_connection> websocket_;
  std::vector<net::websocket_message> outgoing_;
  net::turn_queue::share share_;
  bool delivering_ = false;           // a POST request is in the turn queue
  net::memory_budget::share memory_;  // of what the client has not read
  std::size_t max_message_;
  net::timer timer_;
  time_point armed_ = time_point::max();  // when timer_ fires
  time_point poll_answered_;
  std::optional<net::address_counter::slot> slot_;
};

}  // namespace emostream::server
