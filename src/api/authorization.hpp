#pragma once

#include "auth/token.hpp"
#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "base/throttle.hpp"
#include "service/clocks.hpp"
#include "service/request_error.hpp"

namespace emostream::api {

/// Authenticates requests by their bearer tokens (RFC 6750 section 2.1). I/O thread only.
class authorizer {
 public:
  /// Tells clients why their token is rejected if `explain`. `tokens` must outlive it.
  authorizer(const auth::token_authority& tokens, bool explain, service::clocks clock);

  /// Returns the claims of the token, or a 401. The log says why a token is rejected, once a second.
  service::or_error<auth::claims> authorize(const request_head& head);

 private:
  const auth::token_authority& tokens_;
  const bool explain_;
  const service::clocks clock_;
  throttle log_throttle_;
};

}  // namespace emostream::api
