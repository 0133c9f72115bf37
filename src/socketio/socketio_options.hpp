#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "socketio/parser.hpp"

namespace emostream::socketio {

/// Connection state recovery: a client that lost its connection can restore its socket, with its id, rooms
/// and data, and is sent the events that it missed. If enabled, events that are not volatile and do not
/// request an acknowledgement have an additional last argument, a string: the offset that the client sends
/// when it reconnects. Socket.IO 2 clients cannot recover.
struct recovery_options {
  bool enabled = false;
  milliseconds max_disconnection{120'000};  ///< how long a client may be disconnected
  bool skip_middlewares = true;             ///< do not run the middlewares for recovered sockets
  std::size_t max_sessions = 10'000;        ///< per namespace; the oldest is dropped
  std::size_t max_events = 10'000;          ///< per namespace; clients with older offsets are not recovered
  std::size_t max_bytes = 16'777'216;       ///< total size of these events, per namespace
};

/// Statistics of one namespace's connection state recovery: current sizes, and counters.
struct recovery_stats {
  std::size_t sessions = 0;
  std::size_t events = 0;
  std::size_t bytes = 0;
  std::uint64_t recovered = 0;
  /// Sessions found but not restored: expired, missed events were dropped, or the request was invalid.
  std::uint64_t rejected = 0;
  std::uint64_t sessions_dropped = 0;  ///< because of max_sessions
  std::uint64_t events_dropped = 0;    ///< because of max_events or max_bytes
};

/// Options of a hub: limits, recovery, parser and clocks. Defaults are those of the Node.js server for the
/// options that it has.
struct options {
  milliseconds connect_timeout{45'000};           ///< closes a client that is in no namespace for this long
  milliseconds attachment_timeout{45'000};        ///< from a binary packet's text to its last attachment
  std::size_t max_attachments = 10;               ///< per packet
  std::size_t max_attachment_bytes = 10'000'000;  ///< per packet, in total
  std::size_t max_json_depth = 32;
  /// JSON values in a packet, and members of an object in it. They bound the time to parse a packet, even one
  /// whose keys have the same hash in boost::json::object.
  std::size_t max_values = 50'000;
  std::size_t max_object_members = 1000;
  std::size_t max_name_bytes = 256;  ///< of the name of a namespace or event
  /// Limits for a client that has not been accepted by any namespace yet: the size of its messages (all of
  /// them together may have four times as much), and the number of its CONNECT packets that may be rejected.
  std::size_t max_connect_bytes = 16'384;
  std::size_t max_rejected_connects = 10;
  std::size_t max_pending_acks = 1000;      ///< per socket
  std::size_t max_rooms = 256;              ///< per socket, including its own room
  std::size_t max_namespaces = 16;          ///< per client
  std::size_t max_child_namespaces = 1000;  ///< per parent namespace
  /// Removes a child namespace that has no sockets and no sessions to recover any more. A child to which no
  /// socket ever connected is removed even if this is false; one that hub::of() has returned is kept.
  bool remove_empty_child_namespaces = false;

  recovery_options recovery{};

  /// The packet encoding, which clients must use too. Socket.IO 2 clients require json_parser().
  std::shared_ptr<const socketio::parser> parser = json_parser();

  std::function<time_point()> now = &steady_clock::now;
  std::function<wall_clock::time_point()> wall_now = &wall_clock::now;
};

}  // namespace emostream::socketio
