#include "server/engineio/admission.hpp"

#include <stdexcept>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

constexpr auto polling = "/engine.io/?EIO=4&transport=polling";
constexpr auto websocket = "/engine.io/?EIO=4&transport=websocket";

TEST(admission, only_the_first_answer_counts) {
  std::vector<std::string> answers;
  const auto record = [&](std::optional<std::string> rejection) {
    answers.push_back(rejection.value_or("allowed"));
  };
  {
    admission a(record);
    a.allow();
    a.reject("no");
    a.allow();
  }
  EXPECT_EQ(answers, std::vector<std::string>{"allowed"});
  admission(record).reject();
  admission(record).reject("no");
  { const admission unanswered(record); }
  {
    const auto moved = [a = admission(record)] {};
  }
  EXPECT_EQ(answers, (std::vector<std::string>{"allowed", "Forbidden", "no", "Forbidden", "Forbidden"}));
}

struct allow_request_test : engineio_fixture {
  ~allow_request_test() override { stop(); }  // before `pending` is destroyed

  /// Decides according to the query parameter `decision`: "allow", "throw", "throw-number", "nothing" or the
  /// message of a rejection. Without it, the admission is stored in `pending`.
  allow_request_test() {
    engine_opts.allow_request = [this](const shared_request& request, admission a) {
      ++calls;
      last = request;
      const auto decision = request->parameter("decision");
      if (!decision) return void(pending.push_back(std::move(a)));
      if (*decision == "throw") throw std::runtime_error("on purpose");
      if (*decision == "throw-number") throw 1;
      if (*decision == "allow") return a.allow();
      if (*decision != "nothing") a.reject(std::string(*decision));
    };
  }
  static std::string with_decision(std::string_view target, std::string_view decision) {
    return std::string(target) + "&decision=" + std::string(decision);
  }
  void wait_for_pending(std::size_t count) {
    while (on_io_thread([this] { return pending.size(); }) != count) {
    }
  }
  template <class Decide>
  void decide_all(Decide decide) {
    on_io_thread([&] {
      for (auto& a : pending) decide(a);
      pending.clear();
      return true;
    });
  }

  int calls = 0;
  shared_request last;
  std::vector<admission> pending;
};

TEST_F(allow_request_test, may_answer_immediately) {
  start();
  auto c = connect();
  const auto session = std::string(polling) + "&sid=" + sid_of(c.get(with_decision(polling, "allow")).body);
  EXPECT_EQ(c.post(session, "4hi").body, "ok");
  EXPECT_EQ(c.get(session).body, "4hi");
  EXPECT_EQ(connect().upgrade(websocket_of(session)).status, 101);
  EXPECT_EQ(on_io_thread([this] { return calls; }), 1)
      << "requests of an open session do not call allow_request";
  EXPECT_EQ(connect().upgrade(with_decision(websocket, "allow")).status, 101);
}

TEST_F(allow_request_test, sends_the_message_of_a_rejection) {
  start();
  auto c = connect();
  const auto rejected = c.get(with_decision(polling, "no%20%22way%22"));
  EXPECT_EQ(rejected.status, 403);
  EXPECT_EQ(rejected.header("content-type"), "application/json");
  EXPECT_EQ(rejected.body, R"({"code":4,"message":"no \"way\""})");
  const auto upgrade = connect().upgrade(with_decision(websocket, "no%20way"));
  EXPECT_EQ(upgrade.status, 400);
  EXPECT_EQ(upgrade.header("connection"), "close");
  EXPECT_EQ(upgrade.body, "no way");
  EXPECT_EQ(stats().sessions_forbidden, 2U);
  EXPECT_EQ(stats().sessions_opened, 0U);
}

TEST_F(allow_request_test, rejects_if_the_filter_throws_or_does_not_answer) {
  start();
  auto c = connect();
  for (const auto* decision : {"nothing", "throw", "throw-number"}) {
    EXPECT_EQ(c.get(with_decision(polling, decision)).body, R"({"code":4,"message":"Forbidden"})");
    EXPECT_EQ(connect().upgrade(with_decision(websocket, decision)).body, "Forbidden");
  }
}

TEST_F(allow_request_test, is_called_only_for_valid_handshakes) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get(with_decision("/engine.io/?EIO=4&transport=pigeon", "allow")).status, 400);
  EXPECT_EQ(c.get(with_decision(std::string(polling) + "&sid=none", "allow")).status, 400);
  EXPECT_EQ(c.post(with_decision(polling, "allow"), "4hi").status, 400);
  EXPECT_EQ(on_io_thread([this] { return calls; }), 0);
}

TEST_F(allow_request_test, is_called_before_the_version_is_checked) {
  start();
  auto c = connect();
  const std::string old = "/engine.io/?EIO=3&transport=polling";
  EXPECT_EQ(c.get(with_decision(old, "no")).body, R"({"code":4,"message":"no"})");
  EXPECT_EQ(c.get(with_decision(old, "allow")).body,
            R"({"code":5,"message":"Unsupported protocol version"})");
}

TEST_F(allow_request_test, may_keep_the_request) {
  start();
  {
    auto c = connect();
    c.send_request("GET", polling);
    wait_for_pending(1);
  }
  while (stats().connections_open != 0) {
  }
  decide_all([](admission& a) { a.allow(); });
  EXPECT_EQ(last->target, polling);
}

TEST_F(allow_request_test, may_answer_later) {
  start();
  auto p = connect();
  auto w = connect();
  p.send_request("GET", polling);
  w.send_request("GET", websocket, "",
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  wait_for_pending(2);
  EXPECT_EQ(stats().sessions_opened, 0U);
  decide_all([](admission& a) {
    a.allow();
    a.reject("too late");
  });
  const auto opened = p.read_response();
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(w.read_response().status, 101);
  EXPECT_TRUE(w.read_content().starts_with("0{"));
  w.send_text("4hi");
  EXPECT_EQ(w.read_content(), "4hi");
  EXPECT_EQ(p.post(std::string(polling) + "&sid=" + sid_of(opened.body), "4hi").body, "ok");
  EXPECT_EQ(stats().sessions_open, 2U);
}

TEST_F(allow_request_test, times_out) {
  engine_opts.admission_timeout = milliseconds(20);
  start();
  auto c = connect();
  EXPECT_EQ(c.get(polling).status, 403);
  EXPECT_EQ(connect().upgrade(websocket).status, 400);
  decide_all([](admission& a) { a.allow(); });
  EXPECT_EQ(stats().sessions_opened, 0U);
  EXPECT_EQ(c.get(with_decision(polling, "allow")).status, 200);
}

TEST_F(allow_request_test, an_answer_after_a_disconnect_has_no_effect) {
  start();
  {
    auto p = connect();
    p.send_request("GET", polling);
    auto w = connect();
    w.send_request("GET", websocket, "",
                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    wait_for_pending(2);
  }
  while (stats().connections_open != 0) {
  }
  decide_all([](admission& a) { a.allow(); });
  EXPECT_EQ(stats().sessions_opened, 0U);
  EXPECT_EQ(stats().sessions_forbidden, 0U);
}

TEST_F(allow_request_test, an_answer_after_the_server_is_destroyed_has_no_effect) {
  start();
  auto c = connect();
  c.send_request("GET", polling);
  wait_for_pending(1);
  stop();
  server.reset();
  EXPECT_TRUE(c.at_end());
  pending.front().allow();
}

TEST_F(allow_request_test, an_allowed_client_is_rejected_while_the_server_drains) {
  start();
  auto c = connect();
  c.send_request("GET", polling);
  wait_for_pending(1);
  on_io_thread([this] {
    engine->reject_new_sessions();
    return true;
  });
  decide_all([](admission& a) { a.allow(); });
  EXPECT_EQ(c.read_response().status, 503);
}

}  // namespace
}  // namespace emostream::server
