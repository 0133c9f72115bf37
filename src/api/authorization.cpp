#include "api/authorization.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "api/responses.hpp"
#include "net/http/bearer_token.hpp"

namespace emostream::api {

service::or_error<auth::claims> authorize(const request_head& head, const auth::token_authority& tokens,
                                          wall_clock::time_point now) {
  const auto token = net::bearer_token(head.header("authorization"));
  if (!token)
    return std::unexpected(service::request_error{401, reason::auth_required, "Authentication required"});
  auto claims = tokens.verify(*token, now);
  if (claims) return std::move(*claims);
  spdlog::debug("token rejected: {}", claims.error().message());
  if (claims.error() == auth::token_error::expired)
    return std::unexpected(service::request_error{401, service::reason::token_expired, "Token expired"});
  return std::unexpected(service::request_error{401, reason::auth_failed, "Authentication failed"});
}

}  // namespace emostream::api
