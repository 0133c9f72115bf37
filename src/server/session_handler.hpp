#pragma once

#include <memory>

#include "server/engineio/engineio_session.hpp"
#include "socketio/hub.hpp"

namespace emostream::server {

/// Makes the handler that connects an Engine.IO session to a new Socket.IO client of `hub`. `hub` must
/// outlive the session. I/O thread only.
std::unique_ptr<engineio_session_handler> make_session_handler(socketio::hub& hub,
                                                               std::shared_ptr<engineio_session> session);

}  // namespace emostream::server
