#include <string>

#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/parser.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {
namespace {

const std::string two_attachments =
    R"(52-["baz",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])";

TEST(decoder, returns_a_text_packet_immediately) {
  const options limits;
  const auto d = json_parser()->make_decoder(limits);
  const auto got = d->feed(message::text(R"(2["a"])"));
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->type, packet_type::event);
}

TEST(decoder, waits_for_all_attachments) {
  const options limits;
  const auto d = json_parser()->make_decoder(limits);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(d->feed(message::text(two_attachments)), std::nullopt);
    EXPECT_EQ(d->feed(message::bytes("first")), std::nullopt);
    const message last = message::bytes("second");
    const auto got = d->feed(last);
    ASSERT_TRUE(got && *got);
    ASSERT_EQ((*got)->attachments.size(), 2U);
    EXPECT_EQ(*(*got)->attachments[0], "first");
    EXPECT_EQ((*got)->attachments[1], last.data) << "shared, not copied";
  }
}

TEST(decoder, accepts_a_binary_packet_without_attachments) {
  const options limits;
  const auto d = json_parser()->make_decoder(limits);
  const auto got = d->feed(message::text(R"(50-["a"])"));
  EXPECT_TRUE(got && *got);
}

TEST(decoder, rejects_attachments_without_a_packet) {
  const options limits;
  EXPECT_EQ(json_parser()->make_decoder(limits)->feed(message::bytes("x")).error(), error::unexpected_binary);
  const auto d = json_parser()->make_decoder(limits);
  EXPECT_TRUE(d->feed(message::text(R"(2["a"])")));
  EXPECT_EQ(d->feed(message::bytes("x")).error(), error::unexpected_binary);
}

TEST(decoder, rejects_text_between_attachments) {
  const options limits;
  const auto d = json_parser()->make_decoder(limits);
  EXPECT_TRUE(d->feed(message::text(two_attachments)));
  EXPECT_TRUE(d->feed(message::bytes("first")));
  EXPECT_EQ(d->feed(message::text(R"(2["a"])")).error(), error::unexpected_text);
}

TEST(decoder, limits_the_attachment_bytes_per_packet) {
  options limits;
  limits.max_attachment_bytes = 10;
  const auto d = json_parser()->make_decoder(limits);
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(d->feed(message::text(two_attachments)));
    EXPECT_TRUE(d->feed(message::bytes("12345")));
    EXPECT_TRUE(d->feed(message::bytes("67890")));
  }
  EXPECT_TRUE(d->feed(message::text(two_attachments)));
  EXPECT_TRUE(d->feed(message::bytes("12345")));
  EXPECT_EQ(d->feed(message::bytes("678901")).error(), error::attachments_too_large);
}

TEST(decoder, returns_parse_errors) {
  const options limits;
  EXPECT_EQ(json_parser()->make_decoder(limits)->feed(message::text("x")).error(), error::unknown_type);
}

}  // namespace
}  // namespace emostream::socketio
