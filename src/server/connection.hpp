#pragma once

#include <memory>

#include "server/engineio/engineio_session.hpp"
#include "socketio/hub.hpp"

namespace emostream::server {

/// Connects an Engine.IO session to a new Socket.IO client of `hub`. Returns the handler that passes the
/// session's events to the client. `hub` must outlive the session. I/O thread only.
std::unique_ptr<engineio_session_handler> connect(socketio::hub& hub,
                                                  std::shared_ptr<engineio_session> session);

}  // namespace emostream::server
