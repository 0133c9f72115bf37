#include "socketio/json_parser.hpp"

#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/parser.hpp"

namespace emostream::socketio {
namespace {

using boost::json::array;
using boost::json::object;
using testing::ElementsAre;

packet parsed(std::string_view text) {
  auto header = parse_packet(text, {});
  EXPECT_TRUE(header) << text << ": " << header.error().message();
  return header ? header->content : packet{};
}

std::error_code error_of(std::string_view text) {
  const auto header = parse_packet(text, {});
  EXPECT_FALSE(header) << text;
  return header ? std::error_code() : header.error();
}

// The tests that read packets include examples from the Socket.IO protocol document, version 5.

TEST(json_parser, reads_connect) {
  const packet bare = parsed("0");
  EXPECT_EQ(bare.type, packet_type::connect);
  EXPECT_EQ(bare.nsp, "/");
  EXPECT_TRUE(bare.data.is_null());

  const packet with_auth = parsed(R"(0/admin,{"token":"123"})");
  EXPECT_EQ(with_auth.nsp, "/admin");
  EXPECT_EQ(with_auth.data, object({{"token", "123"}}));

  EXPECT_EQ(parsed("0/admin").nsp, "/admin");
  EXPECT_EQ(parsed("0/,").nsp, "/");
}

TEST(json_parser, drops_the_query_of_a_namespace) {
  const packet p = parsed(R"(0/admin?token=1234&uid=abcd,{"a":1})");
  EXPECT_EQ(p.nsp, "/admin");
  EXPECT_EQ(p.data, object({{"a", 1}}));
}

TEST(json_parser, reads_disconnect) {
  EXPECT_EQ(parsed("1").type, packet_type::disconnect);
  EXPECT_EQ(parsed("1/admin,").nsp, "/admin");
}

TEST(json_parser, reads_event) {
  EXPECT_EQ(parsed(R"(2["foo"])").data, array({"foo"}));
  const packet p = parsed(R"(2/admin,12["foo",1,null])");
  EXPECT_EQ(p.type, packet_type::event);
  EXPECT_EQ(p.nsp, "/admin");
  EXPECT_EQ(p.id, 12U);
  EXPECT_EQ(p.data, array({"foo", 1, nullptr}));
  EXPECT_EQ(parsed(R"(2[7,1])").data, array({7, 1}));
  EXPECT_EQ(parsed(R"(29007199254740991["x"])").id, 9007199254740991U);
}

TEST(json_parser, reads_ack) {
  const packet p = parsed(R"(3/admin,13["bar"])");
  EXPECT_EQ(p.type, packet_type::ack);
  EXPECT_EQ(p.id, 13U);
  EXPECT_EQ(p.data, array({"bar"}));
}

TEST(json_parser, reads_connect_error) {
  EXPECT_EQ(parsed(R"(4{"message":"Not authorized"})").type, packet_type::connect_error);
  EXPECT_EQ(parsed(R"(4"no")").data, "no");
}

TEST(json_parser, reads_binary_packets) {
  const auto event =
      parse_packet(R"(52-/admin,7["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])", {});
  ASSERT_TRUE(event);
  EXPECT_EQ(event->content.type, packet_type::binary_event);
  EXPECT_EQ(event->attachments, 2U);
  EXPECT_EQ(event->content.nsp, "/admin");
  EXPECT_EQ(event->content.id, 7U);

  const auto ack = parse_packet(R"(61-15["bar",{"_placeholder":true,"num":0}])", {});
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->content.type, packet_type::binary_ack);
  EXPECT_EQ(ack->content.id, 15U);
}

TEST(json_parser, rejects_empty_packets_and_unknown_types) {
  EXPECT_EQ(error_of(""), error::empty_packet);
  for (const std::string text : {"7", "9[]", "a", " 2[\"a\"]", "-1", "["})
    EXPECT_EQ(error_of(text), error::unknown_type);
}

TEST(json_parser, rejects_data_not_allowed_for_the_type) {
  for (const std::string text : {"0[]",
                                 "0\"a\"",
                                 "0null",
                                 "1{}",
                                 "1[]",
                                 "2",
                                 "2/admin,",
                                 "2{}",
                                 "2\"a\"",
                                 "2[]",
                                 "2[{}]",
                                 "2[null]",
                                 "2[[]]",
                                 R"(2["connect"])",
                                 R"(2["connect_error"])",
                                 R"(2["disconnect",1])",
                                 R"(2["disconnecting"])",
                                 R"(2["newListener"])",
                                 R"(2["removeListener"])",
                                 "31",
                                 "31{}",
                                 "4",
                                 "4[]",
                                 "4[1]",
                                 "50-{}"})
    EXPECT_EQ(error_of(text), error::bad_payload) << text;
}

TEST(json_parser, rejects_bad_json) {
  for (const std::string text :
       {"0{", "2[\"a\"", "2[\"a\"]x", "2/admin[\"a\"]", "2[\"a\",]", "0/a,x", "31[", "2,[\"a\"]"})
    EXPECT_FALSE(parse_packet(text, {})) << text;
  EXPECT_EQ(error_of("2[\"a\",]"), error::bad_json);
  options shallow;
  shallow.max_json_depth = 2;
  EXPECT_TRUE(parse_packet(R"(2["a",[]])", shallow));
  EXPECT_EQ(parse_packet(R"(2["a",[[]]])", shallow).error(), error::bad_json);
}

TEST(json_parser, rejects_bad_ids) {
  EXPECT_EQ(error_of(R"(29007199254740992["a"])"), error::bad_id);
  EXPECT_EQ(error_of(R"(2999999999999999999999999999["a"])"), error::bad_id);
  EXPECT_EQ(error_of(R"(3["a"])"), error::bad_id);
  EXPECT_EQ(error_of("01"), error::bad_id);
  EXPECT_EQ(error_of("1/admin,1"), error::bad_id);
  EXPECT_EQ(error_of(R"(47{"message":"x"})"), error::bad_id);
  EXPECT_EQ(error_of(R"(60-["a"])"), error::bad_id);
}

TEST(json_parser, rejects_bad_attachment_counts) {
  for (const std::string text :
       {"5", "5[\"a\"]", "5-[\"a\"]", "51[\"a\"]", "5x-[\"a\"]", "5-1-[\"a\"]", "51", "5 1-[\"a\"]"})
    EXPECT_EQ(error_of(text), error::bad_attachment_count) << text;
  EXPECT_EQ(error_of(R"(511-["a"])"), error::too_many_attachments);
  EXPECT_EQ(error_of(R"(599999999999999999999999-["a"])"), error::too_many_attachments);
  EXPECT_TRUE(parse_packet(R"(510-["a"])", {}));
  EXPECT_TRUE(parse_packet(R"(50-["a"])", {}));
}

TEST(json_parser, rejects_invalid_placeholders) {
  for (const std::string placeholder :
       {R"({"_placeholder":true,"num":1})", R"({"_placeholder":true,"num":-1})",
        R"({"_placeholder":true,"num":"0"})", R"({"_placeholder":true,"num":0.5})",
        R"({"_placeholder":true})", R"({"deep":[{"_placeholder":true,"num":18446744073709551615}]})"})
    EXPECT_EQ(error_of(R"(51-["a",)" + placeholder + "]"), error::bad_placeholder) << placeholder;
  // Not a placeholder, or not a binary packet.
  EXPECT_TRUE(parse_packet(R"(51-["a",{"_placeholder":1,"num":9}])", {}));
  EXPECT_TRUE(parse_packet(R"(2["a",{"_placeholder":true,"num":9}])", {}));
}

TEST(json_parser, survives_every_truncation_and_every_changed_byte) {
  const std::string whole =
      R"(52-/admin,7["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(parse_packet(whole.substr(0, i), {}));
    for (int c = 0; c < 256; ++c) {
      std::string changed = whole;
      changed[i] = static_cast<char>(c);
      (void)parse_packet(changed, {});
    }
  }
}

const std::shared_ptr<const parser> encoder = json_parser();

std::vector<std::string> texts(const encoded_packet& packet) {
  std::vector<std::string> out;
  for (const auto& m : packet) out.push_back(m.binary ? "<" + *m.data + ">" : *m.data);
  return out;
}

TEST(json_parser, writes_packets_without_attachments) {
  EXPECT_THAT(texts(encoder->encode_connect("/", "abc", {})), ElementsAre(R"(0{"sid":"abc"})"));
  EXPECT_THAT(texts(encoder->encode_connect("/admin", "abc", {})), ElementsAre(R"(0/admin,{"sid":"abc"})"));
  EXPECT_THAT(texts(encoder->encode_disconnect("/")), ElementsAre("1"));
  EXPECT_THAT(texts(encoder->encode_disconnect("/admin")), ElementsAre("1/admin,"));
  EXPECT_THAT(texts(encoder->encode_event({"/", "foo", {}})), ElementsAre(R"(2["foo"])"));
  EXPECT_THAT(texts(encoder->encode_event({"/admin", "fo\"o", arguments::of({1, "b", nullptr}), 12})),
              ElementsAre(R"(2/admin,12["fo\"o",1,"b",null])"));
  EXPECT_THAT(texts(encoder->encode_ack("/", 13, {})), ElementsAre("313[]"));
  EXPECT_THAT(texts(encoder->encode_ack("/admin", 13, arguments::of({"bar", 2}))),
              ElementsAre(R"(3/admin,13["bar",2])"));
  EXPECT_THAT(texts(encoder->encode_connect_error("/", "Not authorized", nullptr)),
              ElementsAre(R"(4{"message":"Not authorized"})"));
  const boost::json::value data = object({{"code", "E001"}});
  EXPECT_THAT(texts(encoder->encode_connect_error("/admin", "no", &data)),
              ElementsAre(R"(4/admin,{"message":"no","data":{"code":"E001"}})"));
}

TEST(json_parser, writes_recovery_ids_and_offsets) {
  EXPECT_THAT(texts(encoder->encode_connect("/", "abc", "def")),
              ElementsAre(R"(0{"sid":"abc","pid":"def"})"));
  EXPECT_THAT(texts(encoder->encode_event({"/", "foo", {}, {}, "12"})), ElementsAre(R"(2["foo","12"])"));
  EXPECT_THAT(texts(encoder->encode_event({"/a", "foo", arguments::of({1}), {}, "12"})),
              ElementsAre(R"(2/a,["foo",1,"12"])"));
}

TEST(json_parser, writes_attachments_after_the_text) {
  arguments args;
  args.values = {"x", args.attach(message::bytes("\x01\x02").data),
                 object({{"deep", args.attach(message::bytes("b").data)}})};
  EXPECT_THAT(
      texts(encoder->encode_event({"/", "bin", args})),
      ElementsAre(R"(52-["bin","x",{"_placeholder":true,"num":0},{"deep":{"_placeholder":true,"num":1}}])",
                  "<\x01\x02>", "<b>"));
  EXPECT_THAT(
      texts(encoder->encode_ack("/admin", 3, args)),
      ElementsAre(R"(62-/admin,3["x",{"_placeholder":true,"num":0},{"deep":{"_placeholder":true,"num":1}}])",
                  "<\x01\x02>", "<b>"));
}

TEST(json_parser, shares_attachments_rather_than_copying_them) {
  arguments args;
  const shared_bytes bytes = message::bytes(std::string(1000, 'x')).data;
  args.values.push_back(args.attach(bytes));
  EXPECT_EQ(encoder->encode_event({"/", "bin", args})[1].data, bytes);
}

TEST(json_parser, limits_the_attachments_of_outgoing_packets) {
  arguments args;
  for (std::size_t i = 0; i < max_encoded_attachments; ++i)
    args.values.push_back(args.attach(message::bytes("b").data));
  EXPECT_EQ(encoder->encode_event({"/", "bin", args}).size(), 1 + max_encoded_attachments);
  args.values.push_back(args.attach(message::bytes("b").data));
  EXPECT_THROW(std::ignore = encoder->encode_event({"/", "bin", args}), std::invalid_argument);
  EXPECT_THROW(std::ignore = encoder->encode_ack("/", 1, args), std::invalid_argument);
}

}  // namespace
}  // namespace emostream::socketio
