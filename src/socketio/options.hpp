#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "socketio/parser.hpp"

namespace emostream::socketio {

/// What a client may do, and where the time comes from. The defaults are the Node server's where it has one.
struct options {
  milliseconds connect_timeout{45'000};           ///< a client that is in no namespace for so long is closed
  milliseconds attachment_timeout{45'000};        ///< from a binary packet's head to its last attachment
  std::size_t max_attachments = 10;               ///< of one packet
  std::size_t max_attachment_bytes = 10'000'000;  ///< of one packet, together
  std::size_t max_json_depth = 32;
  std::size_t max_pending_acks = 1000;         ///< of one socket
  std::size_t max_rooms = 256;                 ///< of one socket, its own room included
  std::size_t max_namespaces = 16;             ///< of one client
  std::size_t max_child_namespaces = 1000;     ///< of one parent
  bool remove_empty_child_namespaces = false;  ///< those that a parent made, when the last socket leaves

  /// How packets are written; clients must be made with the same one. For those of Socket.IO 2 it must be
  /// json_parser().
  std::shared_ptr<const socketio::parser> parser = json_parser();

  std::function<time_point()> now = &steady_clock::now;
  std::function<wall_clock::time_point()> wall_now = &wall_clock::now;
};

}  // namespace emostream::socketio
