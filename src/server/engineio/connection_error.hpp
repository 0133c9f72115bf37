#pragma once

#include <string>
#include <string_view>

#include "base/request_head.hpp"

namespace emostream::server {

/// A rejected request, like the argument of the event `connection_error` of the Node.js server.
struct connection_error {
  shared_request request;
  int code;                  ///< of the protocol, see engineio::error_response; or 429 or 503 over a limit
  std::string_view message;  ///< the text for the code: "Session ID unknown", …; static storage
  std::string context;       ///< the cause in words: the message of admission::reject(), …
};

}  // namespace emostream::server
