#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace emostream::net {

/// A cookie that tells a load balancer which server has a session, as the Node server's option `cookie`. It
/// comes with the answer that opens a session by polling, and nothing is read from it. Browsers on other
/// origins keep it only if options::cors_credentials, and the client's `withCredentials`, are on.
struct session_cookie {
  enum class sites { lax, strict, none, unsaid };

  std::string name = "io";
  std::string path = "/";  ///< empty: not said
  std::string domain{};    ///< empty: this host
  bool http_only = true;
  bool secure = false;
  bool partitioned = false;
  sites same_site = sites::lax;
  std::optional<std::chrono::seconds> max_age{};  ///< none: until the browser closes
};

/// The value of the Set-Cookie header (RFC 6265 section 4.1.1). Throws std::invalid_argument if a part of it
/// cannot be written there.
std::string set_cookie(const session_cookie& cookie, std::string_view sid);

}  // namespace emostream::net
