#include "net/http/http_message.hpp"

#include <memory>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace emostream::net {

http_response http_response::of(int status, std::string content_type, shared_bytes body) {
  return {status, {{"Content-Type", std::move(content_type)}}, std::move(body)};
}

http_response http_response::of(int status, std::string content_type, std::string body) {
  return of(status, std::move(content_type), std::make_shared<const std::string>(std::move(body)));
}

http_response http_response::error(int status, std::string_view message) {
  return of(status, "application/json",
            boost::json::serialize(boost::json::value{{"code", status}, {"message", message}}));
}

}  // namespace emostream::net
