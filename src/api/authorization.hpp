#pragma once

#include "auth/token.hpp"
#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "service/request_error.hpp"

namespace emostream::api {

/// Authenticates a request by its bearer token (RFC 6750 section 2.1). Errors: 401.
service::or_error<auth::claims> authorize(const request_head& head, const auth::token_authority& tokens,
                                          wall_clock::time_point now);

}  // namespace emostream::api
