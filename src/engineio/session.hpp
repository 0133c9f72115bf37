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

/// What a session wants done, in order.
namespace action {
/// Hand it to the application, before what was given to receive() or finish_post() goes.
struct deliver {
  incoming_message content;
};
/// Answer the GET that waits: 200 with this payload.
struct answer_poll {
  engineio::payload payload;
  bool compress = false;  ///< one of its packets may be compressed, as by the Node server
};
/// Close the WebSocket, be it a probing one or the session's; it is detached already.
struct close_websocket {};
/// The session is over: forget it. Always the last one.
struct closed {
  close_reason reason;
};
}  // namespace action

using actions = boost::container::small_vector<
    std::variant<action::deliver, action::answer_poll, action::close_websocket, action::closed>, 2>;

/// One Engine.IO session: a state machine without I/O. What happened goes in, with the time; what is to be
/// done is appended to `out`. Packets for the WebSocket are fetched with take_frames() whenever it can be
/// written to; time passes by calling tick() at deadline(), or earlier, or later.
///
/// A session begins with its open packet queued. Not thread-safe.
class session {
 public:
  /// `opts` must outlive it.
  session(std::string id, engineio::transport first, const options& opts, time_point now,
          engineio::codec codec = {});

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] engineio::transport transport() const { return transport_; }
  [[nodiscard]] protocol version() const { return codec_.version(); }
  [[nodiscard]] bool closed() const { return state_ == state::closed; }

  // The application's side.

  /// Queues messages; without effect once close() was called. Over options::max_buffered_bytes the session
  /// closes with `transport error`.
  void send(std::span<const message> batch, actions& out);
  /// Sends what is queued, then closes; a client that does not fetch it is given options::close_timeout, or
  /// until `by`.
  void close(close_reason reason, time_point now, actions& out, time_point by = time_point::max());
  /// Bytes of queued packets and of frames taken and not yet written.
  [[nodiscard]] std::size_t buffered_bytes() const { return queued_bytes_ + taken_bytes_; }
  /// True once it closed because the client did not read.
  [[nodiscard]] bool overflowed() const { return overflowed_; }

  // Polling. A refused request is to be answered with error_response_of(error).

  /// A GET came; action::answer_poll answers it, now or later.
  result<void> poll(time_point now, actions& out);
  /// The client gave up the GET that waits: `transport error`.
  void abort_poll(actions& out);
  /// A POST came; its body is on the way.
  result<void> begin_post(bool octet_stream, actions& out);
  /// Its body is complete. On success the answer is `ok`.
  result<void> finish_post(std::string_view body, time_point now, actions& out);
  /// Its body will never be complete, or was too large: the session goes on.
  void abort_post() { posting_ = false; }

  // WebSocket.

  /// A WebSocket was opened with this session's id, in order to upgrade; `codec` is as its request says.
  /// error::bad_request: close it.
  result<void> attach_websocket(time_point now, engineio::codec codec = {});
  /// A WebSocket message arrived.
  void receive(std::string_view frame, bool binary, time_point now, actions& out);
  /// The WebSocket is gone: `transport close` or `transport error`.
  void websocket_closed(close_reason reason, actions& out);
  /// True if take_frames() would give any.
  [[nodiscard]] bool has_frames() const;
  /// Moves the packets to be written now to the end of `frames`; call frames_written() before the next time.
  void take_frames(std::vector<packet>& frames);
  /// They were.
  void frames_written(actions& out);

  // Time.

  /// When tick() is due; none once closed.
  [[nodiscard]] std::optional<time_point> deadline() const;
  void tick(time_point now, actions& out);

 private:
  enum class state { open, closing, closed };
  enum class upgrade { none, attached, probed };

  void enqueue(packet p);
  [[nodiscard]] bool client_pings() const { return codec_.version() == protocol::v3; }
  void answer_poll(std::span<const packet> packets, actions& out);
  void answer_poll(packet_type type, actions& out);
  void beat(time_point now);
  void send_now(packet p, actions& out);
  void on_packet(packet p, time_point now, actions& out);
  void on_probe(const packet& p, time_point now, actions& out);
  void hand_on(actions& out);
  void flush(actions& out);
  void answer_queued(actions& out);
  void drop_probe(actions& out);
  void finish(close_reason reason, actions& out, packet_type last_words = packet_type::close);

  std::string id_;
  const options& options_;
  codec codec_;
  codec upgrade_codec_;
  engineio::transport transport_;
  state state_ = state::open;
  upgrade upgrade_ = upgrade::none;
  close_reason reason_{};         // of the close under way
  bool polling_ = false;          // a GET waits
  bool posting_ = false;          // a POST's body is on the way
  bool octet_stream_ = false;     // of the POST's body
  bool awaiting_client_ = false;  // its pong, or always if it is the client that pings
  bool probe_answer_due_ = false;
  bool overflowed_ = false;
  packet_queue queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t taken_bytes_ = 0;
  time_point heartbeat_;  // the next ping, or the last moment for the client's
  time_point upgrade_by_;
  time_point release_poll_at_ = time_point::max();
  time_point close_by_;
};

}  // namespace emostream::engineio
