#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "socketio/parser.hpp"

namespace emostream::socketio {

/// Connection state recovery: a client that lost its connection comes back as the socket that it was, with
/// its id, rooms and data, and is sent what it has missed. Events that are neither volatile nor ask for an
/// acknowledgement then carry one more argument, a string: the offset that the client comes back with.
struct recovery_options {
  bool enabled = false;
  milliseconds max_disconnection{120'000};  ///< how long a client may be away
  bool skip_middlewares = true;             ///< a recovered socket has passed them before
  std::size_t max_sessions = 10'000;        ///< kept by one namespace; the oldest goes
  std::size_t max_events = 10'000;          ///< kept by one namespace; who has missed more is not recovered
  std::size_t max_bytes = 16'777'216;       ///< of these, together
};

/// What one namespace keeps for recovery, and what became of it.
struct recovery_stats {
  std::size_t sessions = 0;
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::uint64_t recovered = 0;
  std::uint64_t refused = 0;           ///< known, but too late, or too much was missed
  std::uint64_t sessions_dropped = 0;  ///< before their time, for there were too many
  std::uint64_t events_dropped = 0;    ///< before their time, for there were too many
};

/// What a client may do, and where the time comes from. The defaults are the Node server's where it has one.
struct options {
  milliseconds connect_timeout{45'000};           ///< a client that is in no namespace for so long is closed
  milliseconds attachment_timeout{45'000};        ///< from a binary packet's head to its last attachment
  std::size_t max_attachments = 10;               ///< of one packet
  std::size_t max_attachment_bytes = 10'000'000;  ///< of one packet, together
  std::size_t max_json_depth = 32;
  std::size_t max_pending_acks = 1000;      ///< of one socket
  std::size_t max_rooms = 256;              ///< of one socket, its own room included
  std::size_t max_namespaces = 16;          ///< of one client
  std::size_t max_child_namespaces = 1000;  ///< of one parent
  std::size_t max_child_name_bytes = 256;
  /// Those that a parent made, when the last socket leaves; when nobody was let in they always are.
  bool remove_empty_child_namespaces = false;

  recovery_options recovery{};

  /// How packets are written; clients must be made with the same one. For those of Socket.IO 2 it must be
  /// json_parser().
  std::shared_ptr<const socketio::parser> parser = json_parser();

  std::function<time_point()> now = &steady_clock::now;
  std::function<wall_clock::time_point()> wall_now = &wall_clock::now;
};

}  // namespace emostream::socketio
