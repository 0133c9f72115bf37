#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/message.hpp"
#include "base/request_head.hpp"

namespace emostream::net {

/// An HTTP request with its complete body, of at most options::max_body_bytes.
struct http_request {
  request_head head;
  std::string body;
};

/// Names and values, in order.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// The response to a request. The server adds Date, Content-Length, Connection and CORS headers.
struct http_response {
  int status = 200;
  header_list headers{};
  shared_bytes body{};  ///< null: empty. Shared, so that files are not copied

  /// A response with this body and content type.
  static http_response of(int status, std::string content_type, std::string body);
  static http_response of(int status, std::string content_type, shared_bytes body);
  /// `{"code":status,"message":"…"}`
  static http_response error(int status, std::string_view message);
};

/// Sends the response to one request: call it once, immediately or later, on the I/O thread. If it is
/// destroyed uncalled, the client gets a 500. No effect if the client has disconnected.
using http_responder = std::move_only_function<void(http_response)>;

/// Handles the requests to a route, on the I/O thread: it must not block. An exception becomes a 500.
using http_handler = std::function<void(http_request, http_responder)>;

}  // namespace emostream::net
