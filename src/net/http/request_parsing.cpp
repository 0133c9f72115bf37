#include "net/http/request_parsing.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <boost/beast/core/string.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace emostream::net {

namespace urls = boost::urls;

namespace {

/// The values of all headers with this name.
std::vector<std::string_view> values_of(const request_head& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : head.headers)
    if (key == name) values.emplace_back(value);
  return values;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_chunked(std::string_view coding) {
  return std::ranges::equal(coding, std::string_view("chunked"), {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

/// Sessions store their parameters: each takes 64 bytes of memory, although a client can send one with the
/// single byte `&`.
constexpr std::size_t max_parameters = 100;

bool is_http(urls::scheme scheme) {
  return scheme == urls::scheme::http || scheme == urls::scheme::https;
}

/// Whether `text` is a host, and possibly a port (RFC 9112 section 3.2).
bool is_host(std::string_view text) {
  const auto authority = urls::parse_authority({text.data(), text.size()});
  return authority && !authority->has_userinfo();
}

}  // namespace

request_head head_of(const boost::beast::http::request_header<>& message) {
  request_head head;
  head.method = std::string_view(message.method_string());
  // Sessions store their request_head, so its capacity is exact.
  head.headers.reserve(static_cast<std::size_t>(std::distance(message.begin(), message.end())));
  for (const auto& field : message) {
    std::string name(std::string_view(field.name_string()));
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    head.headers.emplace_back(std::move(name), std::string_view(field.value()));
  }
  return head;
}

bool set_target(request_head& head, std::string_view target) {
  head.target = target;
  head.query.clear();
  if (target == "*") {  // asterisk-form, for OPTIONS
    head.path = target;
    return true;
  }
  auto url = urls::parse_origin_form({target.data(), target.size()});
  if (!url) url = urls::parse_absolute_uri({target.data(), target.size()});  // absolute-form
  if (!url || (url->has_scheme() && !is_http(url->scheme_id()))) return false;
  head.path = url->path();
  if (head.path.empty()) head.path = "/";
  urls::encoding_opts query_opts;
  query_opts.space_as_plus = true;
  const auto parameters = url->params(query_opts);
  if (parameters.size() > max_parameters) return false;
  head.query.reserve(parameters.size());
  for (const auto& parameter : parameters) head.query.emplace_back(parameter.key, parameter.value);
  return true;
}

bool is_unambiguous(const request_head& head, bool http_1_0) {
  const auto hosts = values_of(head, "host");
  if (hosts.empty() ? !http_1_0 : hosts.size() > 1 || !is_host(hosts.front())) return false;
  const auto lengths = values_of(head, "content-length");
  const auto codings = values_of(head, "transfer-encoding");
  if (lengths.size() + codings.size() > 1) return false;
  if (!lengths.empty()) return is_digits(lengths.front());
  return codings.empty() || (!http_1_0 && is_chunked(codings.front()));
}

bool expects_continue(const boost::beast::http::request_header<>& message) {
  namespace http = boost::beast::http;
  return message.version() >= 11 && boost::beast::iequals(message[http::field::expect], "100-continue");
}

}  // namespace emostream::net
