#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/request.hpp"

namespace emostream::net {

/// Splits a request target into `head`'s target, path and query, percent-decoded (RFC 3986; `+` in the query
/// is a space). False if it is neither an origin-form, nor an absolute-form of http (RFC 9112 section 3.2),
/// nor `*`.
bool set_target(request_head& head, std::string_view target);

}  // namespace emostream::net
