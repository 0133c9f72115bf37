#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class room_test : public service_test {
 protected:
  room_test() : service_test({.max_rooms = 3, .max_rooms_per_session = 2}) {}

  void publish(test_client& from, std::string_view frame_id = "1") {
    from.emit_frame(frame_id, "none", "9");
    finish_frames();
  }
};

TEST_F(room_test, joining_and_leaving_are_reported) {
  const auto c = connected();
  c->emit("join_room", R"({"room":"lobby","role":"viewer"})", "1");
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(1),
            json::parse(R"({"state":"idle","action":"join_room","room":"lobby","role":"viewer",
    "target_fps":10,"timestamp":1700000000})"));
  EXPECT_EQ(sent[1].data.at(0).at("ok"), true);
  EXPECT_EQ(sent[1].data.at(0).at("room"), "lobby");

  c->emit("leave_room", R"({"room":"lobby"})", "2");
  const json::value left = c->take_event("status");
  EXPECT_EQ(left.at("action"), "leave_room");
  EXPECT_EQ(left.at("room"), "lobby");
  c->emit("leave_room", "\"lobby\"", "3");
  EXPECT_EQ(c->take_ack("3").at("reason"), "not_in_room");
  EXPECT_EQ(app.stats().rooms, 0U);
}

TEST_F(room_test, results_reach_every_member_once_and_no_other_client) {
  const auto publisher = started("alice");
  const auto viewer = connected("bob");
  const auto outsider = connected("eve");
  publisher->emit("join_room", "\"lobby\"");
  viewer->emit("join_room", R"({"room":"lobby","role":"viewer"})");
  publisher->take();
  viewer->take();

  publish(*publisher);
  EXPECT_THAT(viewer->take_names(), ElementsAre("detection_result")) << "although it has not started";
  EXPECT_THAT(publisher->take_names(), ElementsAre("detection_result", "ack 9"));
  EXPECT_TRUE(outsider->take().empty());

  publish(*publisher, "2");
  const json::value seen = viewer->take_event("detection_result");
  EXPECT_EQ(seen.at("room"), "lobby");
  EXPECT_EQ(seen.at("user_id"), "alice");
  EXPECT_EQ(seen.at("frame_id"), 2);
  const json::value own = publisher->take_event("detection_result");
  EXPECT_EQ(seen, own);
}

TEST_F(room_test, rooms_span_the_namespace_and_its_alias) {
  const auto publisher = started("alice", nsp);
  const auto member = started("bob", alias);
  publisher->emit("join_room", "\"lobby\"");
  member->emit("join_room", "\"lobby\"");
  publisher->take();
  member->take();
  publish(*publisher);
  EXPECT_THAT(member->take_names(), ElementsAre("detection_result"));
  publisher->take();
  publish(*member);
  const auto sent = publisher->take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].nsp, nsp) << "each client under the name that it connected to";
  EXPECT_EQ(member->take().at(0).nsp, alias);
}

TEST_F(room_test, viewers_do_not_publish) {
  const auto viewer = started("alice");
  const auto member = connected("bob");
  viewer->emit("join_room", R"({"room":"lobby","role":"viewer"})");
  member->emit("join_room", "\"lobby\"");
  viewer->take();
  member->take();
  publish(*viewer);
  EXPECT_TRUE(member->take().empty());
  EXPECT_FALSE(viewer->take_event("detection_result").as_object().contains("room"));

  viewer->emit("join_room", R"({"room":"lobby","role":"publisher"})");
  publish(*viewer);
  EXPECT_THAT(member->take_names(), ElementsAre("detection_result")) << "joining again changes the role";
}

TEST_F(room_test, a_publisher_in_two_rooms_publishes_in_both) {
  const auto publisher = started("alice");
  const auto one = connected("bob");
  const auto two = connected("carol");
  publisher->emit("join_room", "\"one\"");
  publisher->emit("join_room", "\"two\"");
  one->emit("join_room", "\"one\"");
  two->emit("join_room", "\"two\"");
  publisher->take();
  one->take();
  two->take();
  publish(*publisher);
  EXPECT_EQ(one->take_event("detection_result").at("room"), "one");
  EXPECT_EQ(two->take_event("detection_result").at("room"), "two");
  const auto sent = publisher->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(1).at("room"), "two") << "the room that was joined last";
}

TEST_F(room_test, former_members_receive_nothing) {
  const auto publisher = started("alice");
  const auto member = connected("bob");
  publisher->emit("join_room", "\"lobby\"");
  member->emit("join_room", "\"lobby\"");
  member->emit("leave_room", "\"lobby\"");
  member->take();
  publish(*publisher);
  EXPECT_TRUE(member->take().empty());
}

TEST_F(room_test, a_room_named_like_a_socket_id_is_separate_from_that_socket) {
  const auto victim = started("alice");
  victim->emit("initialize", "");
  const json::value id = victim->take_event("initialized").at("session_id");
  const auto spy = started("eve");
  spy->emit("join_room", json::serialize(id));
  spy->take();
  publish(*victim);
  EXPECT_TRUE(spy->take().empty());
  victim->take();
  publish(*spy);
  EXPECT_TRUE(victim->take().empty());
}

TEST_F(room_test, limits_the_rooms_per_session_and_in_total) {
  const auto a = connected("alice");
  const auto b = connected("bob");
  a->emit("join_room", "\"1\"");
  a->emit("join_room", "\"2\"");
  a->emit("join_room", "\"3\"");
  json::value error = a->take_event("error_message");
  EXPECT_EQ(error.at("code"), 403);
  EXPECT_EQ(error.at("reason"), "too_many_rooms");
  b->emit("join_room", "\"3\"");
  b->take();
  b->emit("initialize", R"({"room":"4","config":{"max_faces":1}})");
  error = b->take_event("error_message");
  EXPECT_EQ(error.at("code"), 503);
  EXPECT_EQ(error.at("reason"), "overloaded");
  b->emit("initialize", R"({"room":"1"})");
  EXPECT_EQ(b->take_event("initialized").at("config").at("max_faces"), 0)
      << "the rejected initialize changed nothing";
}

TEST_F(room_test, a_token_may_restrict_the_rooms_and_roles) {
  // {"sub":"alice","exp":1700003600,"rooms":["mine",{"room":"ours","role":"viewer"}]}, signed with Python's
  // hmac
  const auto c = std::make_unique<test_client>(hub, nsp);
  c->connect(
      R"({"token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMzYwMCwicm9vbXMiOlsibWluZSIseyJyb29tIjoib3VycyIsInJvbGUiOiJ2aWV3ZXIifV19.Ros1w679IfxJJgTL-Xv10vvpE23SAdbQ317H8snlc9A"})");
  for (const auto* forbidden :
       {R"("yours")", R"({"room":"ours"})", R"({"room":"ours","role":"publisher"})"}) {
    c->emit("join_room", forbidden);
    const json::value error = c->take_event("error_message");
    EXPECT_EQ(error.at("code"), 403) << forbidden;
    EXPECT_EQ(error.at("reason"), "room_not_allowed") << forbidden;
  }
  for (const auto* allowed : {R"("mine")", R"({"room":"ours","role":"viewer"})"}) {
    c->emit("join_room", allowed);
    EXPECT_THAT(c->take_names(), ElementsAre("status")) << allowed;
  }
}

class claimed_rooms_test : public service_test {
 protected:
  claimed_rooms_test() : service_test({.rooms = room_policy::claimed}) {}
};

TEST_F(claimed_rooms_test, a_token_without_the_claim_allows_no_room) {
  const auto c = connected();
  c->emit("join_room", "\"lobby\"");
  EXPECT_EQ(c->take_event("error_message").at("reason"), "room_not_allowed");
  c->emit("initialize", R"({"room":"lobby"})");
  EXPECT_EQ(c->take_event("error_message").at("reason"), "room_not_allowed");
}

}  // namespace
}  // namespace emostream::service
