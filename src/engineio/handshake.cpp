#include "engineio/handshake.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

#include <openssl/rand.h>

#include "base/base64.hpp"
#include "engineio/error.hpp"

namespace emostream::engineio {

bool is_enabled(transport t, const options& opts) {
  return std::ranges::find(opts.transports, t) != opts.transports.end();
}

bool opens_session(const request_head& head) {
  return head.parameter("sid").value_or("").empty();
}

result<connection_request> parse_request(const request_head& head, bool upgrade, const options& opts) {
  connection_request request{};
  const auto name = head.parameter("transport");
  if (name == "polling")
    request.transport = transport::polling;
  else if (name == "websocket")
    request.transport = transport::websocket;
  else
    return failure(error::unknown_transport);
  if (!is_enabled(request.transport, opts)) return failure(error::unknown_transport);

  if (!opens_session(head)) {
    request.sid = *head.parameter("sid");
    return request;
  }
  if (name == "polling" && head.parameter("j")) return failure(error::jsonp);
  if (head.method != "GET") return failure(error::bad_handshake_method);
  if (upgrade != (request.transport == transport::websocket)) return failure(error::bad_request);
  return request;
}

result<codec> parse_codec(const request_head& head, const options& opts) {
  const auto version = head.parameter("EIO");
  const bool base64 = !head.parameter("b64").value_or("").empty();
  if (version == "4") return codec(protocol::v4, base64);
  if (version == "3" && opts.allow_eio3) return codec(protocol::v3, base64);
  return failure(error::unsupported_protocol);
}

std::string make_session_id() {
  std::array<unsigned char, 15> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1)
    throw std::runtime_error("cannot generate a session id: RAND_bytes failed");
  std::string id = base64::encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::ranges::replace(id, '+', '-');
  std::ranges::replace(id, '/', '_');
  return id;
}

bool is_valid_session_id(std::string_view id) {
  constexpr std::size_t max_size = 64;
  constexpr std::string_view safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  return !id.empty() && id.size() <= max_size && id.find_first_not_of(safe) == std::string_view::npos;
}

std::string handshake_json(std::string_view sid, transport first, const options& opts) {
  const bool upgradable =
      first == transport::polling && opts.allow_upgrades && is_enabled(transport::websocket, opts);
  return R"({"sid":")" + std::string(sid) + R"(","upgrades":[)" + (upgradable ? R"("websocket")" : "") +
         R"(],"pingInterval":)" + std::to_string(opts.ping_interval.count()) + R"(,"pingTimeout":)" +
         std::to_string(opts.ping_timeout.count()) + R"(,"maxPayload":)" +
         std::to_string(opts.max_http_buffer_size) + "}";
}

}  // namespace emostream::engineio
