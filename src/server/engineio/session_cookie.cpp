#include "server/engineio/session_cookie.hpp"

#include <algorithm>
#include <stdexcept>

namespace emostream::server {

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return c <= ' ' || c >= '\x7f' || std::string_view("()<>@,;:\\\"/[]?={}").contains(c);
  });
}

/// True if `text` may be the value of an attribute, which ends at a semicolon.
bool is_attribute(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c < ' ' || c >= '\x7f' || c == ';'; });
}

}  // namespace

std::string set_cookie_header(const session_cookie& cookie, std::string_view sid) {
  if (!is_token(cookie.name)) throw std::invalid_argument("invalid cookie name: " + cookie.name);
  if (!is_attribute(cookie.path)) throw std::invalid_argument("invalid cookie path: " + cookie.path);
  if (!is_attribute(cookie.domain)) throw std::invalid_argument("invalid cookie domain: " + cookie.domain);
  std::string text = cookie.name + '=' + std::string(sid);
  if (cookie.max_age) text += "; Max-Age=" + std::to_string(cookie.max_age->count());
  if (!cookie.domain.empty()) text += "; Domain=" + cookie.domain;
  if (!cookie.path.empty()) text += "; Path=" + cookie.path;
  if (cookie.http_only) text += "; HttpOnly";
  if (cookie.secure) text += "; Secure";
  if (cookie.partitioned) text += "; Partitioned";
  switch (cookie.same_site) {
    case session_cookie::sites::lax:
      return text += "; SameSite=Lax";
    case session_cookie::sites::strict:
      return text += "; SameSite=Strict";
    case session_cookie::sites::none:
      return text += "; SameSite=None";
    case session_cookie::sites::unset:
      break;
  }
  return text;
}

}  // namespace emostream::server
