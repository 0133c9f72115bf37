#pragma once

#include <cstddef>
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
struct namespace_request;

/// A transport connection and its sockets, at most one per namespace name. Made by hub::connect(). I/O thread
/// only. on_message(), on_close() and disconnect_all() keep the client alive until they return.
class client : public std::enable_shared_from_this<client> {
 public:
  /// `v2_id`: see hub::connect().
  client(hub& owner, std::unique_ptr<transport> output, shared_request request, std::string v2_id);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Connects a Socket.IO 2 client to "/" if that namespace exists, since such a client does not send CONNECT
  /// for it. Does nothing for other clients.
  void start();
  /// Handles a message from the client. Closes the connection ("parse error") if it is not valid Socket.IO or
  /// not allowed in the current state.
  void on_message(const incoming_message& m);
  /// Call when the transport was closed; the disconnect handlers of the sockets get `reason`.
  void on_close(disconnect_reason reason);

  // Called by the client's sockets.

  [[nodiscard]] hub& owner() const { return hub_; }
  void send(std::span<const message> packet);
  /// Removes a socket that was disconnected.
  void remove(const socket& disconnected);
  /// Records that the server disconnected the socket of `nsp`: packets that the client sends before it learns
  /// of the disconnection are ignored.
  void ignore_late_packets(const std::string& nsp) { disconnected_by_server_.insert(nsp); }
  /// Disconnects all sockets, notifying the client, then closes the transport.
  void disconnect_all();
  /// See socket::transport(), socket::buffered_bytes() and socket::writable().
  [[nodiscard]] std::string_view transport_name() const { return transport_->name(); }
  [[nodiscard]] std::size_t buffered_bytes() const { return transport_->buffered_bytes(); }
  [[nodiscard]] bool writable() const { return transport_->writable(); }

 private:
  [[nodiscard]] bool may_receive(std::string_view nsp) const;
  void on_packet(packet p);
  void connect(packet p);
  /// Connects to the namespace that was created for `request`, or rejects the client if it is null.
  void finish_request(namespace_request& request, const std::shared_ptr<server_namespace>& created);
  void connect_to(const std::shared_ptr<server_namespace>& nsp, const std::string& name, handshake received);
  /// Completes or rejects a connection to a namespace; `why` is null if it is accepted.
  void finish_connect(const std::shared_ptr<socket>& candidate, const connect_error* why);
  void send_connect_error(std::string_view nsp, const connect_error& why);

  void close(disconnect_reason reason);
  void close_with_error(std::error_code why);
  void disconnect_sockets(disconnect_reason reason);
  void start_connect_timer();
  [[nodiscard]] std::string make_id(std::string_view nsp) const;

  hub& hub_;
  std::unique_ptr<transport> transport_;
  shared_request request_;
  std::string v2_id_;  ///< empty unless it is a Socket.IO 2 client
  const parser& parser_;
  std::unique_ptr<decoder> decoder_;
  bool closed_ = false;
  bool accepted_ = false;  ///< has been connected to a namespace
  std::size_t bytes_before_acceptance_ = 0;
  std::size_t rejected_connects_ = 0;  ///< CONNECT packets rejected before the client was accepted

  /// By namespace name; includes pending sockets.
  std::map<std::string, std::shared_ptr<socket>, std::less<>> sockets_;
  /// By name; those for which no parent_namespace has decided yet.
  std::map<std::string, std::shared_ptr<namespace_request>, std::less<>> namespace_requests_;
  /// Namespaces whose socket the server has disconnected; the client may not know yet.
  std::set<std::string, std::less<>> disconnected_by_server_;
  timer_queue::guard connect_timer_;
  timer_queue::guard attachment_timer_;
};

}  // namespace emostream::socketio
