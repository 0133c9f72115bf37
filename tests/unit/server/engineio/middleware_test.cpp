#include "server/engineio/middleware.hpp"

#include <stdexcept>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

constexpr auto polling = "/engine.io/?EIO=4&transport=polling";
constexpr auto websocket = "/engine.io/?EIO=4&transport=websocket";
constexpr auto bad_request = R"({"code":3,"message":"Bad request"})";

TEST(request_next, only_the_first_decision_counts) {
  std::string decisions;
  const auto record = [&](request_next::decision d) { decisions += std::to_string(d.index()); };
  {
    request_next next(record);
    next();
    next.reject();
    next.respond({});
    next();
  }
  EXPECT_EQ(decisions, "0");
  request_next(record).respond({});
  request_next(record).reject();
  { const request_next uncalled(record); }
  {
    const auto moved = [next = request_next(record)] {};
  }
  EXPECT_EQ(decisions, "01222");
}

struct middleware_test : engineio_fixture {
  ~middleware_test() override { stop(); }  // before `pending` is destroyed

  void use(request_middleware m) { engine_opts.middlewares.push_back(std::move(m)); }
  /// Adds a middleware that passes each request later.
  void use_posted() {
    use([this](const shared_request&, request_next next) {
      server->post([n = std::move(next)]() mutable { n({{"X-Later", "yes"}}); });
    });
  }
  /// Adds a middleware that keeps the continuation of each request.
  void use_pending() {
    use([this](const shared_request&, request_next next) { pending.push_back(std::move(next)); });
  }
  void wait_for_pending(std::size_t count) {
    while (on_io_thread([this] { return pending.size(); }) != count) {
    }
  }

  std::vector<request_next> pending;
};

TEST_F(middleware_test, all_are_called_in_order_and_add_their_headers_to_each_response) {
  for (const auto* name : {"1", "2", "3"})
    use([name](const shared_request& request, request_next next) {
      next({{"X-" + std::string(name), std::string(request->parameter("transport").value_or("none"))}});
    });
  start();
  auto c = connect();
  const auto opened = c.get(polling);
  const auto session = std::string(polling) + "&sid=" + sid_of(opened.body);
  const auto posted = c.post(session, "4hi");
  const auto polled = c.get(session);
  EXPECT_EQ(polled.body, "4hi");
  for (const auto& a : {opened, posted, polled}) {
    EXPECT_EQ(a.status, 200);
    EXPECT_NE(a.head.find("X-1: polling\r\nX-2: polling\r\nX-3: polling\r\n"), std::string::npos) << a.head;
  }
  for (const auto& target : {std::string(websocket), websocket_of(session)}) {
    const auto a = connect().upgrade(target);
    EXPECT_EQ(a.status, 101);
    EXPECT_EQ(a.header("x-3"), "websocket");
  }
  const auto rejected = c.get("/engine.io/");
  EXPECT_EQ(rejected.body, R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(rejected.header("x-1"), "none");
}

TEST_F(middleware_test, is_not_called_for_preflights_and_other_origins) {
  opts.cors_origins = {"http://friend"};
  use([](const shared_request&, request_next next) { next({{"X-Called", "yes"}}); });
  start();
  auto c = connect();
  EXPECT_EQ(c.request("OPTIONS", polling, "", "Origin: http://friend\r\n").header("x-called"), "");
  EXPECT_EQ(c.get(polling, "Origin: http://foe\r\n").header("x-called"), "");
  EXPECT_EQ(c.get(polling, "Origin: http://friend\r\n").header("x-called"), "yes");
}

TEST_F(middleware_test, can_end_a_request) {
  use([](const shared_request&, request_next next) {
    next.respond(http_response::of(503, "text/plain", std::string("later")));
  });
  use([](const shared_request&, request_next) { FAIL() << "the first one has ended the request"; });
  start();
  auto c = connect();
  EXPECT_EQ(c.get(polling).body, "later");
  EXPECT_EQ(c.get(polling).status, 503) << "the connection stays open";
  const auto upgrade = connect().upgrade(websocket);
  EXPECT_EQ(upgrade.status, 503);
  EXPECT_EQ(upgrade.header("connection"), "close");
  EXPECT_EQ(stats().sessions_opened, 0U);
}

TEST_F(middleware_test, can_reject_a_request) {
  use([](const shared_request& request, request_next next) {
    const auto how = request->parameter("how");
    if (how == "throw") throw std::runtime_error("on purpose");
    if (how == "throw-number") throw 1;
    if (how == "reject") next.reject();
  });
  start();
  auto c = connect();
  for (const auto* how : {"reject", "throw", "throw-number", "forget"}) {
    EXPECT_EQ(c.get(std::string(polling) + "&how=" + how).body, bad_request) << how;
    EXPECT_EQ(connect().upgrade(std::string(websocket) + "&how=" + how).body, "Bad request") << how;
  }
}

TEST_F(middleware_test, may_pass_a_request_later) {
  use_posted();
  use_posted();
  start();
  auto c = connect();
  const auto opened = c.get(polling);
  EXPECT_EQ(opened.header("x-later"), "yes");
  const auto session = std::string(polling) + "&sid=" + sid_of(opened.body);
  const std::string large = "4" + std::string(300'000, 'x');
  EXPECT_EQ(c.post(session, large).body, "ok");
  EXPECT_EQ(c.get(session).body, large);
  auto w = connect();
  ASSERT_EQ(w.upgrade(websocket_of(session)).status, 101);
  w.send_text("2probe");
  EXPECT_EQ(w.read_content(), "3probe");
  c.write("GET " + session + " HTTP/1.1\r\nHost: x\r\n\r\nGET " + polling + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_response().body, "6");
  EXPECT_EQ(c.read_response().status, 200) << "a pipelined request";
}

TEST_F(middleware_test, a_disconnect_during_a_poll_that_was_passed_later_closes_the_session) {
  use_posted();
  start();
  {
    auto c = connect();
    c.send_request("GET", std::string(polling) + "&sid=" + sid_of(c.get(polling).body));
    while (stats().http_requests < 2) {
    }
  }
  EXPECT_EQ(next_close(), "transport error");
}

TEST_F(middleware_test, is_called_before_allow_request) {
  use_posted();
  engine_opts.allow_request = [](const shared_request&, admission a) { a.reject("no"); };
  start();
  const auto rejected = connect().get(polling);
  EXPECT_EQ(rejected.status, 403);
  EXPECT_EQ(rejected.header("x-later"), "yes");
}

TEST_F(middleware_test, times_out) {
  engine_opts.admission_timeout = milliseconds(20);
  use_pending();
  start();
  EXPECT_EQ(connect().get(polling).status, 403);
  on_io_thread([this] {
    pending.front()();
    return true;
  });
  EXPECT_EQ(stats().sessions_opened, 0U);
}

TEST_F(middleware_test, a_decision_after_a_disconnect_has_no_effect) {
  use_pending();
  start();
  {
    auto c = connect();
    c.send_request("GET", polling);
    wait_for_pending(1);
  }
  while (stats().connections_open != 0) {
  }
  on_io_thread([this] {
    pending.front()();
    return true;
  });
  EXPECT_EQ(stats().sessions_opened, 0U);
}

TEST_F(middleware_test, a_decision_after_the_server_is_destroyed_has_no_effect) {
  use_pending();
  start();
  auto c = connect();
  c.send_request("GET", polling);
  wait_for_pending(1);
  stop();
  server.reset();
  EXPECT_TRUE(c.at_end());
  pending.front()();
}

}  // namespace
}  // namespace emostream::server
