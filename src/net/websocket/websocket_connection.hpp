#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/message.hpp"
#include "base/request_head.hpp"
#include "net/asio.hpp"
#include "net/connection_slot.hpp"
#include "net/memory_budget.hpp"
#include "net/stream.hpp"
#include "net/turn_queue.hpp"
#include "net/websocket/websocket_context.hpp"
#include "net/websocket/websocket_frame.hpp"
#include "net/websocket/websocket_reader.hpp"

namespace emostream::net {

/// One message to be sent: `prefix` followed by `data`. The data is shared, so that a broadcast is stored
/// once.
struct websocket_message {
  std::string_view prefix{};  ///< static storage
  shared_bytes data{};        ///< null: empty
  bool binary = false;
  bool compress = true;  ///< may be compressed, if the client agreed

  [[nodiscard]] std::string_view text() const { return data ? std::string_view(*data) : std::string_view(); }
};

/// How a WebSocket ended.
enum class websocket_end {
  closed,  ///< by the client
  failed,  ///< an I/O error, or a client that violates the protocol or sends a message that is too large
};

/// Receives the events of a websocket_connection.
class websocket_listener {
 public:
  virtual void on_websocket_open() = 0;
  virtual void on_websocket_message(std::string_view content, bool binary) = 0;
  /// write() may be called again: all received messages have been dispatched, or the previous write() has
  /// completed.
  virtual void on_websocket_writable() = 0;
  /// The last call; also made if the WebSocket never opened, but not after websocket_connection::close().
  virtual void on_websocket_closed(websocket_end end) = 0;

 protected:
  ~websocket_listener() = default;
};

/// The server side of one WebSocket (RFC 6455). It keeps itself and its listener alive until it is closed.
class websocket_connection : public std::enable_shared_from_this<websocket_connection> {
 public:
  /// `header_lines` are added to the handshake response. `c`, `turns` and `memory` must outlive the
  /// connection.
  websocket_connection(websocket_context& c, turn_queue& turns, memory_budget& memory, stream io,
                       connection_slot slot, std::string header_lines);

  /// Accepts the upgrade request `head`, which must have passed check_handshake(), and starts to read.
  /// Messages larger than `max_message` bytes end the connection with close code 1009. Without a listener,
  /// the connection is closed after the handshake.
  void open(const request_head& head, std::shared_ptr<websocket_listener> listener, std::size_t max_message);

  /// Changes the maximum size of messages, from the next one on.
  void set_max_message(std::size_t bytes) { reader_.set_max_message(bytes); }

  /// True if write() may be called: the connection is open, and no write is in progress.
  [[nodiscard]] bool writable() const { return state_ == state::open && !writing_; }
  /// True while received messages are passed to the listener; on_websocket_writable() follows. Replies that
  /// are held back until then are sent in one write.
  [[nodiscard]] bool dispatching() const { return dispatching_; }

  /// Writes the messages, in as few system calls as the kernel allows. Takes the content of `messages` and
  /// leaves an empty vector. True if the kernel has taken everything; otherwise on_websocket_writable() or
  /// on_websocket_closed() will be called.
  bool write(std::vector<websocket_message>& messages);

  /// Sends a close frame and closes; the listener is not called any more. The connection is aborted if it
  /// is not open yet, or if a write is in progress, because the client is not reading.
  void close();

 private:
  enum class state {
    opening,
    open,
    // Our close frame is queued or sent; frames other than the client's close frame are ignored.
    closing,
    // Input is discarded: closing immediately could reset the connection before the client has read our close
    // frame.
    lingering,
    closed
  };
  /// Exists only if permessage-deflate has been negotiated.
  struct compression {
    message_deflate codec;
    std::vector<shared_bytes> deflated;  // by index in outgoing_; null: sent uncompressed
  };
  struct payload {
    std::string_view prefix;
    std::string_view text;
    bool deflated;
  };

  void negotiate_compression(const request_head& head, std::size_t max_message);
  void on_opened(error_code ec);
  void read();
  bool take_turn();
  bool receive();
  void on_frame(opcode type, std::string_view content);
  void on_violation(close_code code);
  void count_memory();
  void resume();
  [[nodiscard]] payload payload_of(const websocket_message& m) const;
  void send_control();
  bool flush();
  void consume(std::size_t size);
  void wait_writable(const error_code& ec);
  void begin_close(std::string_view content, state next);
  void arm_close_timer();
  void on_close_frame_sent();
  void linger();
  void finish_close();
  void notify_closed(websocket_end end);
  void fail(const error_code& ec);
  void abort();

  websocket_context& context_;
  turn_queue& turns_;
  turn_queue::share share_;
  memory_budget::share memory_;  // of reader_
  connection_slot slot_;
  stream io_;
  state state_ = state::opening;
  // Null if open() was given none, after close(), and once notified of the end.
  std::shared_ptr<websocket_listener> listener_;
  websocket_reader reader_{0};
  bool dispatching_ = false;

  // The write in progress: buffers_ refer to bytes_ and to the messages' data; the first `written_` are done.
  std::vector<asio::const_buffer> buffers_;
  std::size_t written_ = 0;
  std::string bytes_;  // until open(): the header lines of the handshake response
  std::vector<websocket_message> outgoing_;
  bool writing_ = false;  // waiting until the socket is writable again

  std::unique_ptr<compression> deflate_;

  // Control frames to be sent after the write in progress. Only the last ping needs a pong (RFC 6455 section
  // 5.5.3).
  std::string pong_;
  std::string close_frame_;
  bool close_frame_pending_ = false;         // queued or being written
  state after_close_frame_ = state::closed;  // the state once it has been written
  std::optional<steady_timer> close_timer_;
  std::size_t discarded_ = 0;  // bytes received since the close began
};

}  // namespace emostream::net
