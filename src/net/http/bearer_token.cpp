#include "net/http/bearer_token.hpp"

#include <algorithm>

#include <boost/beast/core/string.hpp>

namespace emostream::net {

std::optional<std::string_view> bearer_token(std::optional<std::string_view> authorization) {
  if (!authorization) return std::nullopt;
  const std::string_view scheme = authorization->substr(0, authorization->find(' '));
  if (!boost::beast::iequals(scheme, "Bearer")) return std::nullopt;
  std::string_view token = authorization->substr(scheme.size());
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  if (token.empty()) return std::nullopt;
  return token;
}

}  // namespace emostream::net
