#include <optional>
#include <vector>

#include "net/http_fixture.hpp"

namespace emostream::net {
namespace {

struct limits_test : http_fixture {
  void start_echo() {
    start([](http_server& s) {
      s.route("POST", "/echo", [](http_request r, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::move(r.body)));
      });
      s.route("GET", "/huge", [](http_request, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::string(50'000'000, 'x')));
      });
    });
  }
};

TEST_F(limits_test, rejects_a_header_that_is_too_large) {
  opts.max_header_bytes = 1000;
  start_echo();
  auto c = connect();
  const auto a = c.get("/", "X: " + std::string(2000, 'x') + "\r\n");
  EXPECT_EQ(a.status, 431);
  EXPECT_EQ(a.body, R"({"code":431,"message":"Request header fields too large"})");
}

TEST_F(limits_test, rejects_a_body_that_is_too_large) {
  opts.max_body_bytes = 1000;
  start_echo();
  auto c = connect();
  EXPECT_EQ(c.post("/echo", std::string(1000, 'x')).status, 200);
  const auto a = c.post("/echo", std::string(1'000'000, 'x'));
  EXPECT_EQ(a.status, 413);
  EXPECT_EQ(a.body, R"({"code":413,"message":"Payload too large"})");
  EXPECT_EQ(a.header("connection"), "close");
}

TEST_F(limits_test, closes_connections_over_the_limit) {
  opts.max_connections = 2;
  start_echo();
  auto a = connect();
  auto b = connect();
  EXPECT_EQ(a.post("/echo", "a").body, "a");
  EXPECT_EQ(b.post("/echo", "b").body, "b");
  EXPECT_TRUE(connect().at_end());
  EXPECT_EQ(stats().connections_refused, 1U);
  EXPECT_EQ(a.post("/echo", "a").body, "a");
}

TEST_F(limits_test, rejects_connections_over_the_limit_per_address) {
  opts.max_connections_per_address = 2;
  start_echo();
  std::optional<client> a(connect());
  auto b = connect();
  EXPECT_EQ(a->post("/echo", "a").body, "a");
  EXPECT_EQ(b.post("/echo", "b").body, "b");
  {
    auto c = connect();
    const auto rejection = c.post("/echo", std::string(100'000, 'x'));
    EXPECT_EQ(rejection.status, 429);
    EXPECT_EQ(rejection.body, R"({"code":429,"message":"Too many connections from your address"})");
    EXPECT_TRUE(c.at_end());
  }
  EXPECT_EQ(stats().address_refusals, 1U);
  EXPECT_EQ(stats().connections_refused, 1U);
  a.reset();
  while (stats().connections_open != 1) {
  }
  EXPECT_EQ(connect().post("/echo", "a").body, "a");
}

TEST_F(limits_test, limits_the_number_of_concurrent_rejections) {
  opts.max_connections_per_address = 1;
  start_echo();
  auto first = connect();
  EXPECT_EQ(first.post("/echo", "a").body, "a");
  std::vector<client> flood;
  for (int i = 0; i < 150; ++i) flood.push_back(connect());
  while (stats().address_refusals != 150) {
  }
  EXPECT_LE(stats().connections_open, 101U);
  EXPECT_EQ(first.post("/echo", "a").body, "a");
}

TEST_F(limits_test, closes_a_connection_without_a_request) {
  opts.keep_alive_timeout = milliseconds(20);
  start_echo();
  EXPECT_TRUE(connect().at_end());
}

TEST_F(limits_test, closes_a_connection_that_is_idle_after_a_request) {
  opts.keep_alive_timeout = milliseconds(50);
  start_echo();
  std::optional<client> c;
  do c.emplace(port);
  while (c->post("/echo", "a").body != "a");  // a busy machine may not send the request in time
  EXPECT_TRUE(c->at_end());
}

TEST_F(limits_test, rejects_a_header_that_takes_too_long) {
  opts.header_timeout = milliseconds(20);
  start_echo();
  auto c = connect();
  c.write("GET / HTTP/1.1\r\n");
  const auto a = c.read_response();
  EXPECT_EQ(a.status, 408);
  EXPECT_EQ(a.body, R"({"code":408,"message":"Request timeout"})");
  EXPECT_EQ(a.header("connection"), "close");
  EXPECT_TRUE(c.at_end());
}

TEST_F(limits_test, rejects_a_body_that_takes_too_long) {
  opts.body_timeout = milliseconds(20);
  start_echo();
  auto c = connect();
  c.write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1");
  EXPECT_EQ(c.read_response().status, 408);
  EXPECT_TRUE(c.at_end());
}

TEST_F(limits_test, lets_a_handler_choose_how_long_a_body_may_take) {
  opts.write_timeout = milliseconds(20);  // how often the deadlines are checked
  opts.body_timeout = std::chrono::hours(1);
  start([](http_server& s) {
    s.route("POST", "/echo", [](const request_head&) {
      return plan::read_body{.limit = 10,
                             .then = [](const result<std::string>&, const http_responder&) {},
                             .client_gone = {},
                             .timeout = milliseconds(20)};
    });
  });
  auto c = connect();
  c.write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1");
  EXPECT_EQ(c.read_response().status, 408);
}

TEST_F(limits_test, rejects_too_many_header_fields) {
  opts.max_header_fields = 3;
  start_echo();
  auto c = connect();
  EXPECT_EQ(c.post("/echo", "a", "X: 1\r\n").body, "a");
  EXPECT_EQ(c.post("/echo", "a", "X: 1\r\nX: 1\r\n").status, 431);
}

TEST_F(limits_test, limits_chunk_extensions) {
  start_echo();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  auto small = connect();
  small.write(head + "1;a=b\r\nx\r\n0\r\n\r\n");
  EXPECT_EQ(small.read_response().body, "x");
  for (const auto& chunks :
       {"1;a=" + std::string(2000, 'b') + "\r\nx\r\n", "1;a=" + std::string(1'000'000, 'b'), [] {
          std::string many;
          for (int i = 0; i < 1000; ++i) many += "1;a=b\r\nx\r\n";
          return many;
        }()}) {
    auto c = connect();
    c.write(head + chunks);
    EXPECT_EQ(c.read_response().status, 400);
  }
}

TEST_F(limits_test, closes_a_client_that_does_not_read) {
  opts.write_timeout = milliseconds(50);
  start_echo();
  client c(port, 4096);
  c.send_request("GET", "/huge");
  while (stats().slow_clients_closed == 0 || stats().connections_open > 0) std::this_thread::yield();
}

TEST_F(limits_test, reserved_paths_are_served_over_the_maximum_of_connections) {
  opts.max_connections = 3;
  opts.reserved_paths = {"/health"};
  start([](http_server& s) {
    for (const auto* path : {"/health", "/other"})
      s.route("GET", path, [](http_request, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::string("ok")));
      });
  });
  std::vector<client> silent;
  for (int i = 0; i < 3 + 100; ++i) silent.push_back(connect());
  auto check = connect();
  const auto healthy = check.get("/health");
  EXPECT_EQ(healthy.body, "ok");
  EXPECT_EQ(healthy.header("connection"), "close");
  EXPECT_TRUE(check.at_end());
  EXPECT_EQ(connect().get("/other").status, 503);
  EXPECT_EQ(silent[2].get("/other").status, 200) << "a connection below the maximum";
  EXPECT_LE(stats().connections_open, 3U + 64U);
}

}  // namespace
}  // namespace emostream::net
