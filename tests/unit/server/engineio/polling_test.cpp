#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

struct polling_test : engineio_fixture {};

TEST_F(polling_test, opens_a_session) {
  start();
  auto c = connect();
  for (const auto* path : {"/engine.io/", "/engine.io", "/ws/socket.io/", "/ws/socket.io"}) {
    const auto a = c.get(path + std::string("?EIO=4&transport=polling&t=x"));
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(a.header("content-type"), "text/plain; charset=UTF-8");
    EXPECT_EQ(a.header("cache-control"), "no-store");
    EXPECT_EQ(sid_of(a.body).size(), 20U);
    EXPECT_TRUE(a.body.ends_with(
        R"(","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})"));
  }
  EXPECT_EQ(stats().sessions_open, 4U);
}

TEST_F(polling_test, echoes_messages) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  const auto posted = c.post(session,
                             "4hello\x1e"
                             "bAQID\x1e"
                             "4wörld",
                             "Content-Type: text/plain;charset=UTF-8\r\n");
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.header("content-type"), "text/html");
  EXPECT_EQ(posted.body, "ok");
  EXPECT_EQ(c.get(session).body,
            "4hello\x1e"
            "bAQID\x1e"
            "4wörld");
}

TEST_F(polling_test, responds_to_the_pending_poll) {
  start();
  auto poller = connect();
  auto poster = connect();
  const auto session = open_polling(poller);
  for (const auto* text : {"4a", "4b"}) {
    poller.send_request("GET", session);
    EXPECT_EQ(poster.post(session, text).body, "ok");
    EXPECT_EQ(poller.read_response().body, text);
  }
}

TEST_F(polling_test, the_application_can_read_the_request) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  c.post(session, "4target");
  EXPECT_EQ(c.get(session).body, "4/engine.io/?EIO=4&transport=polling");
}

TEST_F(polling_test, sends_a_large_message) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  const std::string large = "4" + std::string(999'999, 'x');
  EXPECT_EQ(c.post(session, large).status, 200);
  EXPECT_EQ(c.get(session).body, large);
}

TEST_F(polling_test, rejects_invalid_requests) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get("/engine.io/").body, R"({"code":0,"message":"Transport unknown"})");
  const auto unknown = c.get("/engine.io/?EIO=4&transport=polling&sid=nobody");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.header("content-type"), "application/json");
  EXPECT_EQ(unknown.body, R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(c.post("/engine.io/?EIO=4&transport=polling", "4x").body,
            R"({"code":2,"message":"Bad handshake method"})");
  auto d = connect();
  EXPECT_EQ(d.get("/engine.io/?EIO=4&transport=websocket").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(d.get("/engine.io/?EIO=3&transport=polling").body,
            R"({"code":5,"message":"Unsupported protocol version"})");
  EXPECT_EQ(d.request("DELETE", open_polling(d), "", "").status, 400);
}

TEST_F(polling_test, reports_the_first_fault_in_the_order_of_the_node_server) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get("/engine.io/?EIO=1&transport=websocket").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(c.get("/engine.io/?EIO=1&transport=websocket&sid=nobody").body,
            R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(connect().upgrade("/engine.io/?transport=polling&sid=nobody").body, "Session ID unknown");
  const auto session = open_polling(c);
  EXPECT_EQ(c.get(websocket_of(session)).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(connect().upgrade(session).body, "Bad request");
  EXPECT_EQ(c.post(session, "4still open").body, "ok");
}

TEST_F(polling_test, a_rejected_or_incomplete_handshake_leaves_no_session) {
  start();
  EXPECT_EQ(connect().get("/engine.io/?EIO=4&transport=polling", "Content-Length: 1\r\n").status, 413);
  connect().write(
      "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  while (stats().http_requests < 2) {
  }
  while (stats().connections_open > 0) {
  }
  EXPECT_EQ(stats().sessions_open, 0U);
}

TEST_F(polling_test, a_session_is_unknown_on_other_paths) {
  start();
  auto c = connect();
  auto session = open_polling(c);
  session.replace(0, std::string_view("/engine.io/").size(), "/ws/socket.io/");
  EXPECT_EQ(c.get(session).body, R"({"code":1,"message":"Session ID unknown"})");
}

TEST_F(polling_test, an_overlapping_poll_closes_the_session) {
  start();
  auto first = connect();
  auto second = connect();
  const auto session = open_polling(first);
  first.send_request("GET", session);
  first.send_request("GET", "/nothing");  // pipelined: waits for the response to the poll
  while (stats().http_requests < 2) {
  }
  EXPECT_EQ(second.get(session).status, 400);
  const auto a = first.read_response();
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.body, "1");
  EXPECT_EQ(next_close(), "transport error");
  EXPECT_EQ(second.get(session).status, 400);
}

TEST_F(polling_test, an_overlapping_post_closes_the_session) {
  start();
  auto first = connect();
  const auto session = open_polling(first);
  first.write("POST " + session + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n4");
  while (stats().http_requests < 2) {
  }
  EXPECT_EQ(connect().post(session, "4b").status, 400);
  EXPECT_EQ(next_close(), "transport error");
  first.write("234567890");
  EXPECT_EQ(first.read_response().status, 400);
}

TEST_F(polling_test, responds_413_to_a_payload_over_the_limit_and_keeps_the_session) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  const auto a = c.post(session, "4" + std::string(1'000'000, 'x'));
  EXPECT_EQ(a.status, 413);
  EXPECT_EQ(a.body, "");
  auto d = connect();
  d.write("POST " + session + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nF4241\r\n" +
          std::string(1'000'001, '4') + "\r\n0\r\n\r\n");
  EXPECT_EQ(d.read_response().status, 413);
  auto e = connect();
  EXPECT_EQ(e.post(session, "4still").status, 200);
  EXPECT_EQ(e.get(session).body, "4still");
}

TEST_F(polling_test, an_octet_stream_closes_the_session) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  EXPECT_EQ(c.post(session, "4x", "Content-Type: application/octet-stream\r\n").status, 400);
  EXPECT_EQ(next_close(), "transport error");
}

TEST_F(polling_test, a_malformed_payload_closes_the_session) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  EXPECT_EQ(c.post(session, "abc").status, 400);
  EXPECT_EQ(next_close(), "parse error");
  EXPECT_EQ(c.get(session).status, 400);
}

TEST_F(polling_test, a_disconnect_during_a_poll_closes_the_session) {
  start();
  {
    auto c = connect();
    c.send_request("GET", open_polling(c));
    while (stats().http_requests < 2) {
    }
  }
  EXPECT_EQ(next_close(), "transport error");
}

TEST_F(polling_test, a_disconnect_during_a_post_keeps_the_session) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  {
    auto lost = connect();
    lost.write("POST " + session + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n4");
    while (stats().http_requests < 2) {
    }
  }
  while (stats().connections_open > 1) {
  }
  EXPECT_EQ(c.post(session, "4x").status, 200);
}

TEST_F(polling_test, a_close_packet_closes_the_session) {
  start();
  auto poller = connect();
  const auto session = open_polling(poller);
  poller.send_request("GET", session);
  while (stats().http_requests < 2) {
  }
  EXPECT_EQ(connect().post(session, "1").status, 200);
  EXPECT_EQ(poller.read_response().body, "6");
  EXPECT_EQ(next_close(), "forced close");
}

TEST_F(polling_test, the_application_can_close_the_session) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  EXPECT_EQ(c.post(session,
                   "4a\x1e"
                   "4close\x1e"
                   "4b")
                .status,
            200);
  EXPECT_EQ(c.get(session).body, "4a");
  EXPECT_EQ(c.get(session).body, "1");
  EXPECT_EQ(next_close(), "forced server close");
  EXPECT_EQ(c.get(session).status, 400);
}

TEST_F(polling_test, an_exception_of_the_application_closes_only_its_session) {
  start();
  auto c = connect();
  for (const auto* packet : {"4throw", "4throw number"}) {
    const auto session = open_polling(c);
    EXPECT_EQ(c.post(session, packet).status, 200);
    EXPECT_EQ(c.get(session).body, "1");
    EXPECT_EQ(next_close(), "forced server close");
  }
  open_polling(c);
}

TEST_F(polling_test, sends_a_ping_after_the_ping_interval) {
  engine_opts.protocol.ping_interval = milliseconds(30);
  start();
  auto c = connect();
  EXPECT_EQ(c.get(open_polling(c)).body, "2");
}

TEST_F(polling_test, closes_a_session_that_does_not_answer_a_ping) {
  engine_opts.protocol.ping_interval = milliseconds(1);
  engine_opts.protocol.ping_timeout = milliseconds(1);
  start();
  auto c = connect();
  open_polling(c);
  EXPECT_EQ(next_close(), "ping timeout");
  EXPECT_EQ(stats().sessions_open, 0U);
}

TEST_F(polling_test, limits_the_buffer_of_a_session_that_is_not_polled) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  EXPECT_EQ(c.post(session, "4flood").status, 200);
  EXPECT_EQ(next_close(), "transport error");
  EXPECT_EQ(stats().slow_clients_closed, 1U);
}

}  // namespace
}  // namespace emostream::server
