#pragma once

#include <memory>

#include "net/session.hpp"
#include "socketio/hub.hpp"

namespace emostream::server {

/// Ties an Engine.IO session to a Socket.IO client of `hub`, which must outlive the session. I/O thread only.
std::unique_ptr<net::session_handler> connect(socketio::hub& hub, std::shared_ptr<net::session> session);

}  // namespace emostream::server
