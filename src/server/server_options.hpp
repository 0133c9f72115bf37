#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/http/http_options.hpp"
#include "server/engineio/engineio_server_options.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::server {

/// Options of a server.
struct options {
  net::options net{};  ///< address, port, TLS, allowed origins, limits of connections and requests
  engineio_server_options engineio{};  ///< heartbeat, sizes, sessions, the cookie, allow_request

  /// Where Engine.IO is served, each with both slashes; all lead to the same namespaces.
  std::vector<std::string> paths = {"/socket.io/"};
  /// The directory of the browser client's bundles (socket.io-client/dist), served below each path like the
  /// Node server does: `socket.io.js`, `.min.js`, `.esm.min.js`, `.msgpack.min.js` and their maps. Empty: not
  /// served.
  std::filesystem::path serve_client{};
  /// How long stop() waits for the application's on_drain handlers.
  milliseconds drain_timeout{10'000};

  socketio::options socketio{};
};

}  // namespace emostream::server
