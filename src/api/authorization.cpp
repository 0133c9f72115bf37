#include "api/authorization.hpp"

#include <string>
#include <utility>

#include "api/responses.hpp"
#include "base/log.hpp"
#include "net/http/bearer_token.hpp"

namespace emostream::api {

authorizer::authorizer(const auth::token_authority& tokens, bool explain, service::clocks clock)
    : tokens_(tokens), explain_(explain), clock_(std::move(clock)) {}

service::or_error<auth::claims> authorizer::authorize(const request_head& head) {
  const auto token = net::bearer_token(head.header("authorization"));
  if (!token)
    return std::unexpected(service::request_error{401, reason::auth_required, "Authentication required"});
  auto claims = tokens_.verify(*token, clock_.wall());
  if (claims) return std::move(*claims);
  const std::string detail = claims.error().message();
  const bool expired = claims.error() == auth::token_error::expired;
  const std::string_view why = expired ? service::reason::token_expired : reason::auth_failed;
  if (const auto suppressed = log_throttle_.pass(clock_.steady()))
    log::warn(
        "request refused",
        {{"reason", why}, {"detail", detail}, {"address", head.remote_address}, {"suppressed", *suppressed}});
  std::string message = expired ? "Token expired" : "Authentication failed";
  if (explain_ && !expired) message += ": " + detail;
  return std::unexpected(service::request_error{401, why, std::move(message)});
}

}  // namespace emostream::api
