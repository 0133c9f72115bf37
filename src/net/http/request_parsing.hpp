#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/message.hpp>

#include "base/request_head.hpp"

namespace emostream::net {

/// The method and headers of `message`.
request_head head_of(const boost::beast::http::request_header<>& message);

/// Sets the target of `head`, and its path and query, which are percent-decoded (RFC 3986; `+` in the query
/// is a space). False if it is neither in origin-form, nor in absolute-form with http or https (RFC 9112
/// section 3.2), nor `*`, or if it has more than a hundred parameters.
bool set_target(request_head& head, std::string_view target);

/// True if no proxy can interpret the request's host and length differently (RFC 9112 sections 3.2 and 6): it
/// has exactly one Host (at most one with HTTP/1.0), and at most one of a numeric Content-Length and
/// `Transfer-Encoding: chunked` (none with HTTP/1.0).
bool is_unambiguous(const request_head& head, bool http_1_0);

/// True if the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
bool expects_continue(const boost::beast::http::request_header<>& message);

}  // namespace emostream::net
