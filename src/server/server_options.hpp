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
  engineio_server_options engineio{};  ///< heartbeat, transports, limits, cookie, hooks for requests

  /// The paths that serve Engine.IO. Each begins with a slash; one at the end makes no difference. All lead
  /// to the same namespaces.
  std::vector<std::string> paths = {"/socket.io/"};
  /// The directory of the browser client's bundles (socket.io-client/dist), which are served below each path
  /// as by the Node.js server: `socket.io.js`, `.min.js`, `.esm.min.js`, `.msgpack.min.js` and their maps.
  /// Empty: not served.
  std::filesystem::path serve_client{};
  /// How long stop() waits for the application's on_drain handlers.
  milliseconds drain_timeout{10'000};

  socketio::options socketio{};
};

}  // namespace emostream::server
