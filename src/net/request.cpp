#include "net/request.hpp"

#include <boost/url/encoding_opts.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace emostream::net {

namespace urls = boost::urls;

namespace {

bool is_http(urls::scheme scheme) {
  return scheme == urls::scheme::http || scheme == urls::scheme::https;
}

}  // namespace

bool set_target(request_head& head, std::string_view target) {
  head.target = target;
  head.query.clear();
  if (target == "*") {  // OPTIONS *
    head.path = target;
    return true;
  }
  auto url = urls::parse_origin_form({target.data(), target.size()});
  if (!url) url = urls::parse_absolute_uri({target.data(), target.size()});  // as if we were a proxy
  if (!url || (url->has_scheme() && !is_http(url->scheme_id()))) return false;
  head.path = url->path();
  if (head.path.empty()) head.path = "/";
  urls::encoding_opts query_opts;
  query_opts.space_as_plus = true;
  for (const auto& parameter : url->params(query_opts))
    head.query.emplace_back(parameter.key, parameter.value);
  return true;
}

}  // namespace emostream::net
