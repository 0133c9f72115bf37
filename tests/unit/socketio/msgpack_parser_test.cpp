#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/harness.hpp"
#include "socketio/hex.hpp"
#include "socketio/parser.hpp"

namespace emostream::socketio::test {
namespace {

using boost::json::array;
using boost::json::object;
using testing::ElementsAre;

const std::shared_ptr<const parser> msgpack = msgpack_parser();

result<std::optional<packet>> decode(std::string_view hex) {
  const options limits;
  return msgpack->make_decoder(limits)->feed(message::bytes(from_hex(hex)));
}

packet parsed(std::string_view hex) {
  auto got = decode(hex);
  EXPECT_TRUE(got && *got) << hex << ": " << got.error().message();
  return got && *got ? std::move(**got) : packet{};
}

/// Decodes a packet that this parser encoded.
packet parsed(const encoded_packet& written) {
  EXPECT_EQ(written.size(), 1U);
  EXPECT_TRUE(written[0].binary);
  return parsed(to_hex(*written[0].data));
}

std::error_code error_of(std::string_view hex) {
  const auto got = decode(hex);
  EXPECT_FALSE(got) << hex;
  return got ? std::error_code() : got.error();
}

// The packets of the next two tests were encoded by a client's socket.io-msgpack-parser 3.0.2.

TEST(msgpack_parser, reads_packets_of_clients) {
  const packet bare = parsed("83a47479706500a464617461d40000a36e7370a12f");
  EXPECT_EQ(bare.type, packet_type::connect);
  EXPECT_EQ(bare.nsp, "/");
  EXPECT_TRUE(bare.data.is_null());

  const packet with_auth = parsed("83a47479706500a46461746181a5746f6b656ea3313233a36e7370a62f61646d696e");
  EXPECT_EQ(with_auth.nsp, "/admin");
  EXPECT_EQ(with_auth.data, object({{"token", "123"}}));

  EXPECT_EQ(parsed("82a47479706501a36e7370a12f").type, packet_type::disconnect);

  const packet event =
      parsed("84a47479706502a46461746193a3666f6f01c0a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f");
  EXPECT_EQ(event.type, packet_type::event);
  EXPECT_EQ(event.data, array({"foo", 1, nullptr}));
  EXPECT_EQ(event.id, std::nullopt);

  const packet with_id = parsed(
      "85a47479706502a46461746191a3666f6fa76f7074696f6e7381a8636f6d7072657373c3a269640ca36e7370a62f61646d696"
      "e");
  EXPECT_EQ(with_id.id, 12U);
  EXPECT_EQ(with_id.nsp, "/admin");

  const packet ack = parsed("84a47479706503a269640da46461746191a3626172a36e7370a12f");
  EXPECT_EQ(ack.type, packet_type::ack);
  EXPECT_EQ(ack.id, 13U);
  EXPECT_EQ(ack.data, array({"bar"}));
}

TEST(msgpack_parser, reads_binary_data) {
  const packet p = parsed(
      "84a47479706502a46461746193a362696ec402010281a464656570c40162a76f7074696f6e7381a8636f6d7072657373c3a36e"
      "7370a12f");
  ASSERT_EQ(p.attachments.size(), 2U);
  const auto args = arguments::of(p.data.get_array(), p.attachments);
  EXPECT_EQ(*args.attachment(args.at(1)), "\x01\x02");
  EXPECT_EQ(*args.attachment(args.at(2).at("deep")), "b");
}

TEST(msgpack_parser, treats_null_as_absent) {  // which python-socketio sends
  EXPECT_EQ(parsed("84a47479706500a464617461c0a36e7370a12fa26964c0").type, packet_type::connect);
}

TEST(msgpack_parser, drops_the_query_of_a_namespace) {
  EXPECT_EQ(parsed("82a47479706500a36e7370a62f613f623d63").nsp, "/a");
}

TEST(msgpack_parser, drops_binary_data_of_unknown_members) {
  const packet p = parsed("84a178c40101a47479706502a46461746192a161c40102a36e7370a12f");
  ASSERT_EQ(p.attachments.size(), 1U);
  EXPECT_EQ(*p.attachments[0], "\x02");
  EXPECT_EQ(arguments::of(p.data.get_array(), p.attachments).attachment(p.data.at(1)), p.attachments[0]);
}

TEST(msgpack_parser, round_trips) {
  const packet connect = parsed(msgpack->encode_connect("/admin", "abc", {}));
  EXPECT_EQ(connect.type, packet_type::connect);
  EXPECT_EQ(connect.nsp, "/admin");
  EXPECT_EQ(connect.data, object({{"sid", "abc"}}));
  EXPECT_EQ(parsed(msgpack->encode_connect("/", "abc", "def")).data,
            object({{"sid", "abc"}, {"pid", "def"}}));

  EXPECT_EQ(parsed(msgpack->encode_disconnect("/a")).type, packet_type::disconnect);

  const packet rejected = parsed(msgpack->encode_connect_error("/a", "no", nullptr));
  EXPECT_EQ(rejected.type, packet_type::connect_error);
  EXPECT_EQ(rejected.data, object({{"message", "no"}}));
  const boost::json::value data = object({{"code", "E001"}});
  EXPECT_EQ(parsed(msgpack->encode_connect_error("/a", "no", &data)).data,
            object({{"message", "no"}, {"data", {{"code", "E001"}}}}));

  const packet event = parsed(msgpack->encode_event({"/a", "foo", arguments::of({1, "b", nullptr}), 12}));
  EXPECT_EQ(event.type, packet_type::event);
  EXPECT_EQ(event.nsp, "/a");
  EXPECT_EQ(event.id, 12U);
  EXPECT_EQ(event.data, array({"foo", 1, "b", nullptr}));
  EXPECT_EQ(parsed(msgpack->encode_event({"/", "foo", arguments::of({1}), {}, "7"})).data,
            array({"foo", 1, "7"}));
  EXPECT_EQ(parsed(msgpack->encode_event({"/", "foo", {}})).data, array({"foo"}));

  const packet ack = parsed(msgpack->encode_ack("/", 13, arguments::of({"bar"})));
  EXPECT_EQ(ack.type, packet_type::ack);
  EXPECT_EQ(ack.id, 13U);
  EXPECT_EQ(ack.data, array({"bar"}));
}

TEST(msgpack_parser, writes_binary_data) {
  arguments args;
  args.values.push_back(args.attach(message::bytes("\x01\x02").data));
  args.values.push_back(object({{"deep", args.attach(message::bytes("b").data)}}));
  for (const auto& p :
       {parsed(msgpack->encode_event({"/", "bin", args})), parsed(msgpack->encode_ack("/", 1, args))}) {
    ASSERT_EQ(p.attachments.size(), 2U);
    EXPECT_EQ(*p.attachments[0], "\x01\x02");
    EXPECT_EQ(*p.attachments[1], "b");
  }
}

TEST(msgpack_parser, limits_the_attachments_of_outgoing_packets) {
  arguments args;
  for (std::size_t i = 0; i <= max_encoded_attachments; ++i)
    args.values.push_back(args.attach(message::bytes("b").data));
  EXPECT_THROW((void)msgpack->encode_event({"/", "bin", args}), std::invalid_argument);
  EXPECT_THROW((void)msgpack->encode_ack("/", 1, args), std::invalid_argument);
}

TEST(msgpack_parser, rejects_invalid_packets) {
  EXPECT_EQ(error_of(""), error::empty_packet);
  EXPECT_EQ(error_of("c0"), error::bad_msgpack);
  EXPECT_EQ(error_of("9101"), error::bad_msgpack);
  EXPECT_EQ(error_of("80"), error::unknown_type);
  EXPECT_EQ(error_of("82a47479706505a36e7370a12f"), error::unknown_type)
      << "binary types are only used with JSON";
  EXPECT_EQ(error_of("82a474797065ffa36e7370a12f"), error::unknown_type);
  EXPECT_EQ(error_of("82a474797065a130a36e7370a12f"), error::unknown_type);
  EXPECT_EQ(error_of("81a47479706500"), error::bad_payload) << "no namespace";
  EXPECT_EQ(error_of("82a47479706500a36e737000"), error::bad_payload);
  EXPECT_EQ(error_of("82a47479706500a36e7370a161"), error::bad_payload);
  EXPECT_EQ(error_of("83a47479706500a36e7370a12fa464617461"
                     "90"),
            error::bad_payload);
  EXPECT_EQ(error_of("83a47479706500a36e7370a12fa464617461"
                     "81a161c40101"),
            error::bad_payload)
      << "binary data in auth";
  EXPECT_EQ(error_of("82a47479706502a36e7370a12f"), error::bad_payload);
  EXPECT_EQ(error_of("83a47479706502a36e7370a12fa464617461"
                     "90"),
            error::bad_payload);
  EXPECT_EQ(error_of("83a47479706502a36e7370a12fa464617461"
                     "91a7636f6e6e656374"),
            error::bad_payload)
      << "reserved event name";
  EXPECT_EQ(error_of("83a47479706502a36e7370a12fa464617461"
                     "91c40101"),
            error::bad_payload)
      << "binary data as the event name";
  EXPECT_EQ(error_of("83a47479706503a36e7370a12fa464617461"
                     "90"),
            error::bad_id);
  EXPECT_EQ(error_of("84a47479706503a36e7370a12fa464617461"
                     "90a26964ff"),
            error::bad_id);
  EXPECT_EQ(error_of("84a47479706503a36e7370a12fa464617461"
                     "90a26964cf0020000000000000"),
            error::bad_id);
  EXPECT_EQ(error_of("83a47479706500a36e7370a12fa2696401"), error::bad_id);
  EXPECT_EQ(error_of("82a47479706501a36e7370a12fc0"), error::bad_msgpack) << "trailing data";
  EXPECT_EQ(error_of("83a47479706501a47479706501a36e7370a12f"), error::bad_msgpack) << "duplicate member";
  const options limits;
  EXPECT_EQ(msgpack->make_decoder(limits)->feed(message::text("0")).error(), error::unexpected_text);
}

TEST(msgpack_parser, works_for_a_whole_connection) {
  options opts;
  opts.parser = msgpack_parser();
  test_server server(opts);
  server.root().on_connection(
      [](const std::shared_ptr<socket>& s) { s->on("echo", [](event& e) { e.ack(e.args); }); });
  const test_client client = server.open();
  client.send_binary(from_hex("83a47479706500a464617461d40000a36e7370a12f"));
  ASSERT_EQ(client.out->sent.size(), 1U);
  const packet answer = parsed(to_hex(*client.out->sent[0].data));
  EXPECT_EQ(answer.data.at("sid").as_string().size(), 20U);
  client.out->sent.clear();

  client.send_binary(*msgpack->encode_event({"/", "echo", arguments::of({"x"}), 5})[0].data);
  ASSERT_EQ(client.out->sent.size(), 1U);
  const packet ack = parsed(to_hex(*client.out->sent[0].data));
  EXPECT_EQ(ack.type, packet_type::ack);
  EXPECT_EQ(ack.id, 5U);
  EXPECT_EQ(ack.data, array({"x"}));
  client.out->sent.clear();

  server.root().emit("news", 1);
  ASSERT_EQ(client.out->sent.size(), 1U);
  EXPECT_EQ(parsed(to_hex(*client.out->sent[0].data)).data, array({"news", 1}));

  client.send("0");
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace emostream::socketio::test
