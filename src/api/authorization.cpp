#include "api/authorization.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <spdlog/spdlog.h>

#include "api/answers.hpp"
#include "api/header_value.hpp"

namespace emostream::api {

namespace {

std::optional<std::string_view> bearer_token(const request_head& head) {
  auto credentials = head.header("authorization").value_or("");
  const auto scheme = credentials.substr(0, credentials.find(' '));
  if (!same_token(scheme, "Bearer")) return std::nullopt;
  credentials.remove_prefix(scheme.size());
  credentials.remove_prefix(std::min(credentials.find_first_not_of(' '), credentials.size()));
  if (credentials.empty()) return std::nullopt;
  return credentials;
}

}  // namespace

service::or_error<auth::claims> authorize(const request_head& head, const auth::token_authority& tokens,
                                          wall_clock::time_point now) {
  const auto token = bearer_token(head);
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
