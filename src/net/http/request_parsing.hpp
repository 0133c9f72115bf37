#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/message.hpp>

#include "base/request_head.hpp"

namespace emostream::net {

/// Its method and headers.
request_head head_of(const boost::beast::http::request_header<>& message);

/// Splits a request target into `head`'s target, path and query, percent-decoded (RFC 3986; `+` in the query
/// is a space). False if it is neither an origin-form, nor an absolute-form of http (RFC 9112 section 3.2),
/// nor `*`, or has more than a hundred parameters.
bool set_target(request_head& head, std::string_view target);

/// Whether everybody between the client and us agrees on where the request goes and where it ends (RFC 9112
/// sections 3.2 and 6): one Host (with HTTP/1.0, at most one); one Content-Length of digits, or one
/// Transfer-Encoding, which is `chunked`, or none.
bool is_unambiguous(const request_head& head, bool http_1_0);

/// Whether the client waits to be told to go on before it sends the body (RFC 9110 section 10.1.1).
bool expects_continue(const boost::beast::http::request_header<>& message);

}  // namespace emostream::net
