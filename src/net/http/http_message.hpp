#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/message.hpp"
#include "base/request_head.hpp"

namespace emostream::net {

/// One HTTP request, body complete and within the limit of options::max_body_bytes.
struct http_request {
  request_head head;
  std::string body;
};

/// Names and values, in order.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// The answer to one. The server adds Content-Length, Connection and CORS headers itself.
struct http_response {
  int status = 200;
  header_list headers{};
  shared_bytes body{};  ///< null is an empty one; shared so that files are not copied

  /// An answer that carries `body` as that content type.
  static http_response of(int status, std::string content_type, std::string body);
  static http_response of(int status, std::string content_type, shared_bytes body);
  /// `{"code":status,"message":"…"}`
  static http_response error(int status, std::string_view message);
};

/// Answers one request: call it once, now or later, on the I/O thread. If it is destroyed uncalled the client
/// gets a 500; if the client is gone, the answer is dropped.
using http_responder = std::move_only_function<void(http_response)>;

/// Handles the requests of a route, on the I/O thread: it must not block. An exception that it throws is a
/// 500.
using http_handler = std::function<void(http_request, http_responder)>;

}  // namespace emostream::net
