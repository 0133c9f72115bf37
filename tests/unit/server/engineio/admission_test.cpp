#include "server/engineio/admission.hpp"

#include <stdexcept>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

constexpr auto polling = "/engine.io/?EIO=4&transport=polling";
constexpr auto websocket = "/engine.io/?EIO=4&transport=websocket";

TEST(admission, only_the_first_answer_counts) {
  std::vector<std::string> answers;
  const auto record = [&](std::optional<std::string> refusal) {
    answers.push_back(refusal.value_or("allowed"));
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
  ~allow_request_test() override { stop(); }  // before `waiting` is destroyed

  /// Answers according to the parameter `say`; without it, stores the admission in `waiting`.
  allow_request_test() {
    engine_opts.allow_request = [this](const request_head& head, admission a) {
      ++asked;
      const auto say = head.parameter("say");
      if (!say) return void(waiting.push_back(std::move(a)));
      if (*say == "throw") throw std::runtime_error("on purpose");
      if (*say == "allow") return a.allow();
      if (*say != "nothing") a.reject(std::string(*say));
    };
  }
  static std::string saying(std::string_view target, std::string_view word) {
    return std::string(target) + "&say=" + std::string(word);
  }
  void wait_for(std::size_t admissions) {
    while (on_io_thread([this] { return waiting.size(); }) != admissions) {
    }
  }
  template <class Say>
  void answer_all(Say say) {
    on_io_thread([&] {
      for (auto& a : waiting) say(a);
      waiting.clear();
      return true;
    });
  }

  int asked = 0;
  std::vector<admission> waiting;
};

TEST_F(allow_request_test, may_answer_immediately) {
  start();
  auto c = connect();
  const auto session = std::string(polling) + "&sid=" + sid_of(c.get(saying(polling, "allow")).body);
  EXPECT_EQ(c.post(session, "4hi").body, "ok");
  EXPECT_EQ(c.get(session).body, "4hi");
  EXPECT_EQ(connect().upgrade(websocket_of(session)).status, 101);
  EXPECT_EQ(on_io_thread([this] { return asked; }), 1) << "requests of an open session do not call the hook";
  EXPECT_EQ(connect().upgrade(saying(websocket, "allow")).status, 101);
}

TEST_F(allow_request_test, sends_the_message_of_a_rejection) {
  start();
  auto c = connect();
  const auto refused = c.get(saying(polling, "no%20%22way%22"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("content-type"), "application/json");
  EXPECT_EQ(refused.body, R"({"code":4,"message":"no \"way\""})");
  const auto upgrade = connect().upgrade(saying(websocket, "no%20way"));
  EXPECT_EQ(upgrade.status, 400);
  EXPECT_EQ(upgrade.header("connection"), "close");
  EXPECT_EQ(upgrade.body, "no way");
  EXPECT_EQ(stats().sessions_forbidden, 2U);
  EXPECT_EQ(stats().sessions_opened, 0U);
}

TEST_F(allow_request_test, a_hook_that_does_not_answer_or_throws_rejects) {
  start();
  auto c = connect();
  for (const auto* word : {"nothing", "throw"}) {
    EXPECT_EQ(c.get(saying(polling, word)).body, R"({"code":4,"message":"Forbidden"})");
    EXPECT_EQ(connect().upgrade(saying(websocket, word)).body, "Forbidden");
  }
}

TEST_F(allow_request_test, is_called_only_for_valid_handshakes) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get(saying("/engine.io/?EIO=4&transport=pigeon", "allow")).status, 400);
  EXPECT_EQ(c.get(saying(std::string(polling) + "&sid=none", "allow")).status, 400);
  EXPECT_EQ(c.post(saying(polling, "allow"), "4hi").status, 400);
  EXPECT_EQ(on_io_thread([this] { return asked; }), 0);
}

TEST_F(allow_request_test, may_answer_later) {
  start();
  auto p = connect();
  auto w = connect();
  p.send_request("GET", polling);
  w.send_request("GET", websocket, "",
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  wait_for(2);
  EXPECT_EQ(stats().sessions_opened, 0U);
  answer_all([](admission& a) {
    a.allow();
    a.reject("too late");
  });
  const auto opened = p.read_answer();
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(w.read_answer().status, 101);
  EXPECT_TRUE(w.text().starts_with("0{"));
  w.send_text("4hi");
  EXPECT_EQ(w.text(), "4hi");
  EXPECT_EQ(p.post(std::string(polling) + "&sid=" + sid_of(opened.body), "4hi").body, "ok");
  EXPECT_EQ(stats().sessions_open, 2U);
}

TEST_F(allow_request_test, times_out) {
  engine_opts.admission_timeout = milliseconds(20);
  start();
  auto c = connect();
  EXPECT_EQ(c.get(polling).status, 403);
  EXPECT_EQ(connect().upgrade(websocket).status, 400);
  answer_all([](admission& a) { a.allow(); });
  EXPECT_EQ(stats().sessions_opened, 0U);
  EXPECT_EQ(c.get(saying(polling, "allow")).status, 200);
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
    wait_for(2);
  }
  while (stats().connections_open != 0) {
  }
  answer_all([](admission& a) { a.allow(); });
  EXPECT_EQ(stats().sessions_opened, 0U);
  EXPECT_EQ(stats().sessions_forbidden, 0U);
}

TEST_F(allow_request_test, an_answer_after_the_server_is_destroyed_has_no_effect) {
  start();
  auto c = connect();
  c.send_request("GET", polling);
  wait_for(1);
  stop();
  server.reset();
  EXPECT_TRUE(c.at_end());
  waiting.front().allow();
}

TEST_F(allow_request_test, an_admitted_client_is_rejected_while_the_server_drains) {
  start();
  auto c = connect();
  c.send_request("GET", polling);
  wait_for(1);
  on_io_thread([this] {
    engine->reject_new_sessions();
    return true;
  });
  answer_all([](admission& a) { a.allow(); });
  EXPECT_EQ(c.read_answer().status, 503);
}

}  // namespace
}  // namespace emostream::server
