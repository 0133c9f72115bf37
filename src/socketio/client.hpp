#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "base/message.hpp"
#include "base/request_head.hpp"
#include "socketio/packet.hpp"
#include "socketio/parser.hpp"
#include "socketio/socket.hpp"
#include "socketio/timer_queue.hpp"
#include "socketio/transport.hpp"

namespace emostream::socketio {

class hub;

/// One transport connection and the sockets that it carries, at most one for each name of a namespace. Made
/// by hub::connect(). I/O thread only. It keeps itself alive during a call.
class client : public std::enable_shared_from_this<client> {
 public:
  /// `v2_id` as in hub::connect().
  client(hub& owner, std::unique_ptr<transport> output, shared_request request, std::string v2_id);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Connects a client of Socket.IO 2 to "/", for which it does not ask.
  void begin();
  /// What the client sent. Bytes that are not Socket.IO close the connection ("parse error").
  void on_message(const incoming_message& m);
  /// The transport is gone; `reason` is what the sockets hear.
  void on_close(disconnect_reason reason);

 private:
  friend class socket;

  void on_packet(packet p);
  void connect(packet p);
  void finish_connect(const std::shared_ptr<socket>& candidate, const connect_error* why);
  void refuse(std::string_view nsp, const connect_error& why);

  void send(std::span<const message> packet);
  void forget(const socket& gone);
  /// Disconnects all sockets, telling the client so, and closes the transport.
  void disconnect_all();
  void close(disconnect_reason reason);
  void fail(std::error_code why);
  void leave_all(disconnect_reason reason);
  void expect_namespace();
  [[nodiscard]] std::string make_id(std::string_view nsp) const;

  hub& hub_;
  std::unique_ptr<transport> transport_;  ///< null once on_close() was called
  shared_request request_;
  std::string v2_id_;  ///< empty: the client speaks the present protocol
  const parser& encoding_;
  std::unique_ptr<decoder> decoder_;
  bool closed_ = false;

  std::map<std::string, std::shared_ptr<socket>, std::less<>> sockets_;  ///< pending ones too
  std::set<std::string, std::less<>>
      dismissed_;  ///< left by the server's will, of which the client may not know yet
  timer_queue::guard connect_deadline_;
  timer_queue::guard attachment_deadline_;
};

}  // namespace emostream::socketio
