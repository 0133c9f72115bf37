#include <any>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "socketio/msgpack.hpp"
#include "socketio/parser.hpp"
#include "socketio/recovery_harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

TEST(recovery, is_off_by_default) {
  world w;
  w.root();
  visitor v = come(w);
  EXPECT_EQ(v.pid, "");
  v.end->emit("a", 1);
  EXPECT_THAT(v.p.take(), ElementsAre(R"(2["a",1])"));
  v.lose();
  EXPECT_EQ(w->deadline(), std::nullopt);
  EXPECT_NE(come_back(w, v, "0").id, v.id);
}

TEST(recovery, gives_a_secret_and_offsets) {
  world w(with_recovery());
  w.root();
  const visitor v = come(w);
  EXPECT_THAT(v.pid, MatchesRegex("[A-Za-z0-9_-]{20}"));
  EXPECT_NE(v.pid, v.id);
  EXPECT_FALSE(v.end->recovered());
  v.end->emit("a", 1);
  w.root().emit("b", args({}));
  w.root().to(v.id).emit("c", "x");
  EXPECT_THAT(v.p.take(), ElementsAre(R"(2["a",1,"0"])", R"(2["b","1"])", R"(2["c","x","2"])"));
}

TEST(recovery, gives_no_offset_to_what_cannot_be_sent_again) {
  world w(with_recovery());
  w.root();
  const visitor v = come(w);
  v.end->emit_volatile("a", args({1}));
  w.root().volatile_().emit("b", 1);
  v.end->emit("c", args({1}), milliseconds(10), [](const result<arguments>&) {});
  w.root().emit("d", args({1}), [](std::error_code, const std::vector<arguments>&) {});
  EXPECT_THAT(v.p.take(), ElementsAre(R"(2["a",1])", R"(2["b",1])", R"(20["c",1])", R"(21["d",1])"));
  EXPECT_EQ(w.root().recovery().events, 0U);
}

TEST(recovery, brings_back_id_rooms_data_and_what_was_missed) {
  world w(with_recovery());
  int connections = 0;
  w.root().on_connection([&](const std::shared_ptr<socket>&) { ++connections; });
  visitor v = come(w);
  const visitor other = come(w);
  v.end->join("room");
  v.end->data = std::string("ali");
  v.end->emit("seen", args({}));
  v.lose();
  EXPECT_EQ(w.root().socket_count(), 1U);

  w.root().emit("all", 1);
  w.root().to("room").emit("room", 2);
  w.root().to("elsewhere").emit("elsewhere", 3);
  w.root().except("room").emit("not there", 4);
  other.end->others().emit("from another", 5);
  w.root().to(v.id).to("elsewhere").emit("to me", 6);
  w.root().volatile_().emit("volatile", 7);
  arguments with_bytes;
  with_bytes.values.push_back(with_bytes.attach(message::bytes("bytes").data));
  w.root().emit("binary", with_bytes);

  const visitor back = come_back(w, v, "0");
  EXPECT_EQ(back.id, v.id);
  EXPECT_EQ(back.pid, v.pid);
  ASSERT_TRUE(back.end);
  EXPECT_NE(back.end, v.end);
  EXPECT_TRUE(back.end->recovered());
  EXPECT_TRUE(back.end->rooms().contains("room"));
  EXPECT_EQ(std::any_cast<std::string>(back.end->data), "ali");
  EXPECT_EQ(connections, 3);
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["all",1,"1"])", R"(2["room",2,"2"])",
                                         R"(2["from another",5,"5"])", R"(2["to me",6,"6"])",
                                         R"(51-["binary",{"_placeholder":true,"num":0},"7"])", "<bytes>"));

  w.root().to("room").emit("again", 8);
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["again",8,"8"])"));
  const auto stats = w.root().recovery();
  EXPECT_EQ(stats.recovered, 1U);
  EXPECT_EQ(stats.sessions, 0U);
}

TEST(recovery, brings_back_who_has_no_offset_yet) {
  world w(with_recovery());
  w.root();
  const visitor early = come(w);
  w.root().emit("before", 1);
  visitor v = come(w);
  v.lose();
  w.root().emit("missed", 2);
  visitor back = come(w, R"({"pid":")" + v.pid + R"(","offset":null})");
  EXPECT_EQ(back.id, v.id);
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["missed",2,"1"])"));
  back.lose();
  back = come(w, R"({"pid":")" + v.pid + R"("})");
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["missed",2,"1"])")) << "for all we know it has not come";
}

TEST(recovery, works_again_and_again) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->emit("a", 1);
  for (int i = 0; i < 5; ++i) {
    v.lose(i % 2 == 0 ? "ping timeout" : "transport error");
    w.root().to(v.id).emit("missed", i);
    v = come_back(w, v, std::to_string(i));
    EXPECT_TRUE(v.end->recovered());
    EXPECT_EQ(v.p.take().size(), 1U);
  }
}

TEST(recovery, is_for_accidents_only) {
  const std::pair<std::string, bool> reasons[] = {
      {"transport error", true}, {"transport close", true},      {"forced close", true},
      {"ping timeout", true},    {"server shutting down", true}, {"forced server close", true},
      {"parse error", false}};
  for (const auto& [reason, accident] : reasons) {
    world w(with_recovery());
    w.root();
    visitor v = come(w);
    v.end->emit("a", 1);
    v.lose(reason);
    EXPECT_EQ(come_back(w, v, "0").id == v.id, accident) << reason;
  }
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->disconnect();
  EXPECT_EQ(w.root().recovery().sessions, 0U);
  v = come(w);
  v.p.send("1");
  EXPECT_EQ(w.root().recovery().sessions, 0U);
  v = come(w);
  v.p.send("garbage");
  EXPECT_EQ(w.root().recovery().sessions, 0U);
  v = come(w);
  v.end->disconnect(true);
  EXPECT_EQ(w.root().recovery().sessions, 0U);
}

TEST(recovery, refuses_what_does_not_fit_and_makes_a_new_session) {
  world w(with_recovery());
  w.root();
  const visitor before = come(w);
  before.end->emit("a secret", "of another time");
  for (const std::string offset : {"", "x", "-1", "1x", " 1", "5", "18446744073709551615",
                                   "99999999999999999999", "0" /* before it came */}) {
    visitor v = come(w);
    w.root().emit("news", 1);
    v.lose();
    const auto refused = w.root().recovery().refused;
    const visitor back = come_back(w, v, offset == "5" ? "5000" : offset);
    EXPECT_NE(back.id, v.id) << offset;
    EXPECT_NE(back.pid, v.pid) << offset;
    ASSERT_TRUE(back.end);
    EXPECT_FALSE(back.end->recovered()) << offset;
    EXPECT_THAT(back.p.take(), IsEmpty()) << offset;
    EXPECT_EQ(w.root().recovery().refused, refused + 1) << offset;
  }
  const visitor unknown = come(w, asking("nobody's", "0"));
  EXPECT_FALSE(unknown.end->recovered());
  const visitor odd = come(w, R"({"pid":7,"offset":{}})");
  EXPECT_FALSE(odd.end->recovered());
}

TEST(recovery, takes_a_secret_once) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->emit("a", 1);
  v.lose();
  const visitor back = come_back(w, v, "0");
  const visitor thief = come_back(w, v, "0");
  EXPECT_EQ(back.id, v.id);
  EXPECT_NE(thief.id, v.id);
  EXPECT_FALSE(thief.end->recovered());
  EXPECT_TRUE(back.end->connected());
}

TEST(recovery, is_of_one_namespace) {
  world w(with_recovery());
  w->of("/a");
  w->of("/b");
  visitor v = come(w, "", "/a");
  v.end->emit("a", 1);
  v.lose();
  EXPECT_FALSE(come_back(w, v, "0", "/b").end->recovered());
  EXPECT_TRUE(come_back(w, v, "0", "/a").end->recovered());
}

TEST(recovery, knows_aliases) {
  world w(with_recovery());
  w->alias("/ws/a", "/a");
  visitor direct = come(w, "", "/a");
  visitor by_alias = come(w, "", "/ws/a");
  w->of("/a").emit("before", 0);
  direct.lose();
  by_alias.lose();
  w->of("/a").emit("missed", 1);
  const visitor one = come_back(w, direct, "0", "/a");
  EXPECT_THAT(one.p.take(), ElementsAre(R"(2/a,["missed",1,"1"])"));
  const visitor two = come_back(w, by_alias, "0", "/ws/a");
  EXPECT_THAT(two.p.take(), ElementsAre(R"(2/ws/a,["missed",1,"1"])"));
}

TEST(recovery, sends_what_was_emitted_to_the_lost_socket) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->emit("a", 1);
  v.lose();
  v.end->emit("b", 2);
  v.end->emit_volatile("volatile", args({}));
  const visitor back = come_back(w, v, "0");
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["b",2,"1"])"));
  v.end->emit("c", 3);
  EXPECT_THAT(back.p.take(), IsEmpty()) << "it is another socket now";
}

TEST(recovery, keeps_what_disconnect_handlers_do) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->data = 1;
  v.end->join("room");
  v.end->on_disconnect([&](disconnect_reason) {
    EXPECT_EQ(std::any_cast<int>(v.end->data), 1);
    EXPECT_TRUE(v.end->rooms().contains("room"));
    v.end->data = 2;
    w.root().to("room").emit("gone", 1);
  });
  v.lose();
  const visitor back = come(w, R"({"pid":")" + v.pid + R"("})");
  EXPECT_EQ(std::any_cast<int>(back.end->data), 2);
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["gone",1,"0"])"));
}

TEST(recovery, keeps_the_order_of_what_observers_send) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->on_any_outgoing([&, nested = false](std::string_view, const arguments&) mutable {
    if (!std::exchange(nested, true)) v.end->emit("nested", 1);
  });
  w.root().emit("outer", 1);
  v.lose();
  const visitor back = come(w, R"({"pid":")" + v.pid + R"("})");
  EXPECT_THAT(back.p.take(), ElementsAre(R"(2["outer",1,"0"])", R"(2["nested",1,"1"])"));
}

TEST(recovery, works_with_msgpack) {
  auto opts = with_recovery();
  opts.parser = msgpack_parser();
  world w(opts);
  w.root();
  const auto decoder = opts.parser->make_decoder(opts);
  const auto decoded = [&](const message& m) { return std::move(**decoder->feed(m)); };
  using namespace std::string_literals;
  const auto connect = [&](const peer& p, const std::string& auth) {
    p.send_binary(
        "\x83\xa4type\x00\xa3nsp\xa1/\xa4"
        "data"s +
        auth);
    return decoded(p.out->sent.at(0)).data;
  };
  const peer first = w.open();
  const auto answer = connect(first, "\x80");
  w.root().emit("a", 1);
  EXPECT_EQ(decoded(first.out->sent.at(1)).data, boost::json::array({"a", 1, "0"}));
  first.connection->on_close("transport close");
  w.root().emit("b", 2);
  std::string auth = "\x82\xa3pid";
  write_msgpack(auth, std::string_view(answer.at("pid").as_string()));
  auth +=
      "\xa6offset\xa1"
      "0"s;
  const peer second = w.open();
  EXPECT_EQ(connect(second, auth), answer);
  EXPECT_EQ(decoded(second.out->sent.at(1)).data, boost::json::array({"b", 2, "1"}));
}

TEST(recovery, is_not_for_clients_of_socketio_2) {
  world w(with_recovery());
  w.root();
  auto out = std::make_shared<wire>();
  const auto old = w->connect(std::make_unique<fake_transport>(out), {}, "abc");
  EXPECT_THAT(out->take(), ElementsAre("0"));
  old->on_close("transport close");
  EXPECT_EQ(w.root().recovery().sessions, 0U);
}

}  // namespace
}  // namespace emostream::socketio::test
