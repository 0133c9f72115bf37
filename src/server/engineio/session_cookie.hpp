#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace emostream::server {

/// A cookie that tells a load balancer which server holds a session, like the option `cookie` of the Node.js
/// server. It is sent with the response that opens a session by polling; the server never reads it. For
/// pages of other origins, browsers store it only if net::options::cors_credentials and the client's
/// `withCredentials` are set.
struct session_cookie {
  enum class sites { lax, strict, none, unset };

  std::string name = "io";
  std::string path = "/";  ///< empty: no Path attribute
  std::string domain{};    ///< empty: no Domain attribute, which means this host
  bool http_only = true;
  bool secure = false;
  bool partitioned = false;
  sites same_site = sites::lax;
  std::optional<std::chrono::seconds> max_age{};  ///< nullopt: until the browser closes
};

/// The value of the Set-Cookie header (RFC 6265 section 4.1.1). Throws std::invalid_argument if the name, the
/// path or the domain is invalid.
std::string set_cookie_header(const session_cookie& cookie, std::string_view sid);

}  // namespace emostream::server
