#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "base/clock.hpp"
#include "base/message.hpp"
#include "base/result.hpp"
#include "engineio/close_reason.hpp"
#include "engineio/codec.hpp"
#include "engineio/engineio_options.hpp"
#include "engineio/handshake.hpp"
#include "engineio/packet.hpp"
#include "engineio/packet_queue.hpp"

namespace emostream::engineio {

/// What the session's owner must do, in order.
namespace action {
/// Deliver the message to the application, before the buffer given to receive() or finish_post() is released.
struct deliver {
  incoming_message content;
};
/// Respond to the pending poll (GET) request: 200 with this payload.
struct answer_poll {
  engineio::payload payload;
  bool compress = false;  ///< at least one packet may be compressed; the Node.js server has the same rule
};
/// Close the WebSocket, which the session no longer uses: its transport, or one attached for an upgrade.
struct close_websocket {};
/// The session is closed and can be destroyed. Always the last action.
struct closed {
  close_reason reason;
};
}  // namespace action

using actions = boost::container::small_vector<
    std::variant<action::deliver, action::answer_poll, action::close_websocket, action::closed>, 2>;

/// An Engine.IO session: a state machine without I/O. Its owner reports what happened and the time; the
/// session appends the actions to take to `out`. The owner calls take_packets() whenever the WebSocket is
/// writable, and tick() at deadline() (calling it earlier or later is harmless).
///
/// A new session has its open packet queued. Not thread-safe.
class session {
 public:
  /// `opts` must outlive the session.
  session(std::string id, engineio::transport first, const options& opts, time_point now,
          engineio::codec codec = {});

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] engineio::transport transport() const { return transport_; }
  [[nodiscard]] protocol version() const { return codec_.version(); }
  [[nodiscard]] bool closed() const { return state_ == state::closed; }

  // Called by the application.

  /// Queues messages; does nothing after close(). Closes the session with `transport error` if more than
  /// options::max_buffered_bytes are buffered.
  void send(std::span<const message> batch, actions& out);
  /// Closes the session with `transport error`, as if it had exceeded options::max_buffered_bytes.
  void overflow(actions& out);
  /// Sends the queued packets, then closes. If the client does not fetch them, the session is closed after
  /// options::close_timeout, or at `deadline` if that is earlier.
  void close(close_reason reason, time_point now, actions& out, time_point deadline = time_point::max());
  /// Bytes of the packets that are queued, or taken by take_packets() and not written yet, with a fixed
  /// overhead for each.
  [[nodiscard]] std::size_t buffered_bytes() const { return queued_bytes_ + unwritten_bytes_; }
  /// True if a message would be sent immediately: nothing is buffered and, with polling, a poll is pending.
  [[nodiscard]] bool writable() const;
  /// True if the session was closed because the client did not read.
  [[nodiscard]] bool overflowed() const { return overflowed_; }

  // Polling. Respond to a rejected request with error_response_of(error).

  /// A poll (GET) request was received; action::answer_poll responds to it, now or later.
  result<void> poll(time_point now, actions& out);
  /// The client aborted the pending poll request: `transport error`.
  void abort_poll(actions& out);
  /// The head of a POST request was received; its body follows. Error: error::overlapping_request before
  /// end_post().
  result<void> begin_post(bool octet_stream, actions& out);
  /// The body of the POST request is complete. On success the response is `ok`, once the actions have been
  /// taken.
  result<void> finish_post(std::string_view body, time_point now, actions& out);
  /// The POST request has been responded to, or was aborted; the session stays open.
  void end_post() { post_pending_ = false; }
  /// Replaces options::max_received_packets for this session.
  void limit_packets(std::size_t count) { max_packets_ = count; }

  // WebSocket.

  /// A WebSocket request with this session's id was received, to upgrade the session; `codec` is from it.
  /// Error: error::bad_request, after which the WebSocket must be closed.
  result<void> attach_websocket(time_point now, engineio::codec codec = {});
  /// A WebSocket message was received.
  void receive(std::string_view received, bool binary, time_point now, actions& out);
  /// The WebSocket was closed; `reason` is transport_close or transport_error.
  void websocket_closed(close_reason reason, actions& out);
  /// True if take_packets() would return packets.
  [[nodiscard]] bool has_packets() const;
  /// Moves the packets that must be written to the WebSocket to the end of `packets`. Call packets_written()
  /// before the next call.
  void take_packets(std::vector<packet>& packets);
  /// Call when the packets from take_packets() have been written to the WebSocket.
  void packets_written(actions& out);

  // Time.

  /// When tick() is due; nullopt once closed.
  [[nodiscard]] std::optional<time_point> deadline() const;
  void tick(time_point now, actions& out);

 private:
  enum class state { open, closing, closed };
  enum class upgrade { none, attached, probed };

  void enqueue(packet p);
  [[nodiscard]] bool client_pings() const { return codec_.version() == protocol::v3; }
  void answer_poll(std::span<const packet> packets, actions& out);
  void answer_poll(packet_type type, actions& out);
  void answer_poll_from_queue(actions& out);
  void reset_heartbeat(time_point now);
  void send_packet(packet p, actions& out);
  void on_packet(packet p, time_point now, actions& out);
  void on_upgrade_packet(const packet& p, time_point now, actions& out);
  void flush(actions& out);
  void flush_or_overflow(actions& out);
  void abort_upgrade(actions& out);
  void finish_close(close_reason reason, actions& out, packet_type poll_response = packet_type::close);

  std::string id_;
  const options& options_;
  codec codec_;
  codec upgrade_codec_;
  engineio::transport transport_;
  state state_ = state::open;
  upgrade upgrade_ = upgrade::none;
  close_reason reason_{};         // while closing
  bool poll_pending_ = false;     // a poll (GET) request has no response yet
  bool post_pending_ = false;     // a POST request has no response yet
  bool octet_stream_ = false;     // content type of that body
  bool awaiting_client_ = false;  // waiting for a pong; always true if the client sends the pings
  bool probe_pong_due_ = false;
  bool overflowed_ = false;
  std::size_t max_packets_ = options_.max_received_packets;
  packet_queue queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t unwritten_bytes_ = 0;  // taken by take_packets() and not written yet
  time_point heartbeat_deadline_;    // when to send the next ping, or by when the client must answer or ping
  time_point upgrade_deadline_;
  time_point poll_release_at_ = time_point::max();
  time_point close_deadline_;
};

}  // namespace emostream::engineio
