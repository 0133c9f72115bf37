#include "engineio/error.hpp"

#include <gtest/gtest.h>

namespace emostream::engineio {
namespace {

TEST(error_response, has_the_codes_and_messages_of_the_node_server) {
  EXPECT_EQ(error_response_of(error::unknown_transport).json(),
            R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(error_response_of(error::unknown_session).json(), R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(error_response_of(error::bad_handshake_method).json(),
            R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(error_response_of(error::bad_request).json(), R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(error_response_of(error::forbidden).json(), R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(error_response_of(error::unsupported_protocol).json(),
            R"({"code":5,"message":"Unsupported protocol version"})");
}

TEST(error_response, has_status_400_with_two_exceptions) {
  for (const auto e : {error::unknown_transport, error::unknown_session, error::bad_handshake_method,
                       error::bad_request, error::unsupported_protocol, error::overlapping_request,
                       error::octet_stream, error::invalid_packet, error::too_many_packets})
    EXPECT_EQ(error_response_of(e).status, 400);
  EXPECT_EQ(error_response_of(error::forbidden).status, 403);
  EXPECT_EQ(error_response_of(error::payload_too_large).status, 413);
  EXPECT_EQ(error_response_of(error::payload_too_large).json(), "");
}

TEST(error_response, is_bad_request_for_other_error_categories) {
  EXPECT_EQ(error_response_of(std::make_error_code(std::errc::io_error)).code, 3);
}

TEST(error, every_value_has_a_message) {
  for (int i = 1; i <= static_cast<int>(error::payload_too_large); ++i)
    EXPECT_NE(error_category().message(i), error_category().message(0)) << i;
  EXPECT_STREQ(make_error_code(error::forbidden).category().name(), "engineio");
}

}  // namespace
}  // namespace emostream::engineio
