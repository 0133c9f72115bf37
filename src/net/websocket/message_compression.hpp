#pragma once

#include <cstddef>

namespace emostream::net {

/// permessage-deflate (RFC 7692): WebSocket messages are compressed if the client offers it.
struct message_compression {
  std::size_t threshold = 1024;  ///< bytes; smaller messages are sent uncompressed
  /// True: each message may refer to earlier ones. Similar messages compress better, but each connection
  /// holds up to about 300 KB. False: a connection holds no memory for compression, and a broadcast is
  /// usually compressed once.
  bool context_takeover = false;
  /// 9 to 15: the window has 2^bits bytes, and the memory of a compression context grows with it.
  int server_max_window_bits = 15;
  int client_max_window_bits = 15;  ///< below 15, only clients that offer client_max_window_bits get
                                    ///< compression
};

}  // namespace emostream::net
