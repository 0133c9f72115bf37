#include "engineio/error.hpp"

namespace emostream::engineio {

namespace {

class category : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "engineio"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<error>(value)) {
      case error::unknown_transport:
        return "unknown transport";
      case error::unknown_session:
        return "unknown session id";
      case error::bad_handshake_method:
        return "a session must be opened with GET";
      case error::bad_request:
        return "the request is not allowed for the session or its transport";
      case error::forbidden:
        return "the origin is not allowed";
      case error::unsupported_protocol:
        return "unsupported protocol version";
      case error::jsonp:
        return "JSONP polling is not supported";
      case error::overlapping_request:
        return "a second GET or a second POST of the session while the first is pending";
      case error::octet_stream:
        return "binary payloads require protocol version 3";
      case error::invalid_packet:
        return "invalid packet";
      case error::too_many_packets:
        return "too many packets in one payload";
      case error::payload_too_large:
        return "payload too large";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& error_category() {
  static const category instance;
  return instance;
}

std::error_code make_error_code(error e) {
  return {static_cast<int>(e), error_category()};
}

std::string error_response::json() const {
  if (status == 413) return {};
  return R"({"code":)" + std::to_string(code) + R"(,"message":")" + std::string(message) + R"("})";
}

error_response error_response_of(std::error_code e) {
  if (e == error::unknown_transport) return {400, 0, "Transport unknown"};
  if (e == error::jsonp) return {400, 0, "JSONP is not supported"};
  if (e == error::unknown_session) return {400, 1, "Session ID unknown"};
  if (e == error::bad_handshake_method) return {400, 2, "Bad handshake method"};
  if (e == error::forbidden) return {403, 4, "Forbidden"};
  if (e == error::unsupported_protocol) return {400, 5, "Unsupported protocol version"};
  if (e == error::payload_too_large) return {413, 3, "Payload too large"};
  return {400, 3, "Bad request"};
}

}  // namespace emostream::engineio
