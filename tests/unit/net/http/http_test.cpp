#include <future>
#include <stdexcept>
#include <variant>

#include <gmock/gmock.h>

#include "net/http_fixture.hpp"
#include "net/resolve.hpp"

namespace emostream::net {
namespace {

struct http_test : http_fixture {
  ~http_test() override { stop(); }  // before `deferred` is destroyed

  void start_with_routes() {
    start([this](http_server& s) {
      s.route("GET", "/hello", [](http_request, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::string("hi")));
      });
      s.route("POST", "/echo", [](http_request r, http_responder respond) {
        respond(http_response::of(201, "application/octet-stream", std::move(r.body)));
      });
      s.route("GET", "/files/*", [](http_request r, http_responder respond) {
        auto response = http_response::of(200, "text/plain", r.head.path);
        response.headers.emplace_back("X-Query", std::string(r.head.parameter("q").value_or("none")));
        respond(std::move(response));
      });
      s.route("GET", "/throw", [](http_request, http_responder) { throw std::runtime_error("on purpose"); });
      s.route("GET", "/throw-number", [](http_request, http_responder) { throw 1; });
      s.route("GET", "/throw-early",
              [](const request_head&) -> std::variant<plan::answer, plan::read_body> { throw 1; });
      s.route("GET", "/forget", [](http_request, http_responder) {});
      s.route("GET", "/later",
              [this](http_request, http_responder respond) { deferred = std::move(respond); });
      s.route("GET", "/release", [this](http_request, http_responder respond) {
        deferred(http_response::of(200, "text/plain", std::string("at last")));
        respond(http_response{.status = 204});
      });
      s.route("POST", "/guarded", [](request_head head) -> std::variant<plan::answer, plan::read_body> {
        if (!head.header("x-key")) return plan::answer{http_response::error(401, "No key")};
        const auto echoed = [](result<std::string> body, http_responder respond) {
          respond(body ? http_response::of(200, "text/plain", std::move(*body))
                       : http_response::error(413, "More than eight"));
        };
        return plan::read_body{.limit = 8, .then = echoed, .client_gone = {}};
      });
      s.route("POST", "/abandoned", [this](const request_head&) {
        const auto keep = [this](const result<std::string>&, http_responder respond) {
          deferred = std::move(respond);
        };
        return plan::read_body{.limit = 8, .then = keep, .client_gone = [this] {
                                 client_left.set_value();
                                 throw 1;
                               }};
      });
      s.route("GET", "/inject", [](http_request, http_responder respond) {
        respond(http_response{.headers = {{"X-Evil", "a\r\nSet-Cookie: b"}}});
      });
    });
  }
  http_responder deferred;
  std::promise<void> client_left;
};

TEST_F(http_test, serves_routes_on_one_connection) {
  start_with_routes();
  auto c = connect();
  for (int i = 0; i < 3; ++i) {
    const auto a = c.get("/hello");
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(a.body, "hi");
    EXPECT_EQ(a.header("content-type"), "text/plain");
    EXPECT_EQ(a.header("connection"), "keep-alive");
  }
  const auto a = c.get("/files/a%20b/c?q=x%2By+z");
  EXPECT_EQ(a.body, "/files/a b/c");
  EXPECT_EQ(a.header("x-query"), "x+y z");
  EXPECT_EQ(stats().connections_accepted, 1U);
  EXPECT_EQ(stats().http_requests, 4U);
}

TEST_F(http_test, reads_bodies) {
  start_with_routes();
  auto c = connect();
  const std::string body(300'000, 'b');
  const auto a = c.post("/echo", body);
  EXPECT_EQ(a.status, 201);
  EXPECT_EQ(a.body, body);
  c.write(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(c.read_response().body, "abcde");
}

TEST_F(http_test, sends_100_continue) {
  start_with_routes();
  auto c = connect();
  c.write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.read_response().status, 100);
  c.write("abc");
  EXPECT_EQ(c.read_response().body, "abc");
}

TEST_F(http_test, sends_no_100_continue_to_http_1_0_clients) {
  start_with_routes();
  auto c = connect();
  c.write("POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
  EXPECT_EQ(c.read_response().body, "abc");
}

TEST_F(http_test, sends_a_date) {
  start_with_routes();
  auto c = connect();
  EXPECT_THAT(c.get("/nowhere").header("date"),
              testing::MatchesRegex("[A-Z][a-z]+, [0-9]+ [A-Z][a-z]+ [0-9]+ [0-9]+:[0-9]+:[0-9]+ GMT"));
}

TEST_F(http_test, a_request_planner_decides_before_the_body_is_read) {
  start_with_routes();
  {
    auto c = connect();  // does not send the body
    c.write("POST /guarded HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n");
    const auto a = c.read_response();
    EXPECT_EQ(a.status, 401);
    EXPECT_EQ(a.header("connection"), "close");
  }
  auto c = connect();
  EXPECT_EQ(c.post("/guarded", "", "").status, 401);  // no body: the connection stays open
  EXPECT_EQ(c.post("/guarded", "12345678", "X-Key: 1\r\n").body, "12345678");
  const auto a = c.post("/guarded", "123456789", "X-Key: 1\r\n");
  EXPECT_EQ(a.status, 413);
  EXPECT_THAT(a.body, testing::HasSubstr("More than eight"));
}

TEST_F(http_test, notifies_a_route_of_a_disconnect) {
  start_with_routes();
  {
    auto c = connect();
    c.send_request("POST", "/abandoned", "x");
  }
  EXPECT_EQ(client_left.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(connect().get("/hello").status, 200) << "its exception has been caught";
}

TEST_F(http_test, responds_to_a_head_request_without_a_body) {
  start_with_routes();
  auto c = connect();
  const auto a = c.request("HEAD", "/hello", "", "");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.header("content-length"), "2");
  EXPECT_EQ(c.get("/hello").body, "hi");
}

TEST_F(http_test, serves_pipelined_requests_in_order) {
  start_with_routes();
  auto c = connect();
  c.write(
      "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /files/2 HTTP/1.1\r\nHost: x\r\n\r\nGET /nope "
      "HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_response().body, "hi");
  EXPECT_EQ(c.read_response().body, "/files/2");
  EXPECT_EQ(c.read_response().status, 404);
}

TEST_F(http_test, reads_a_request_byte_by_byte) {
  start_with_routes();
  auto c = connect();
  for (const char byte : std::string_view("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"))
    c.write({&byte, 1});
  EXPECT_EQ(c.read_response().body, "ab");
}

TEST_F(http_test, responds_with_an_error_as_json) {
  start_with_routes();
  auto c = connect();
  const auto missing = c.get("/nope");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("content-type"), "application/json");
  EXPECT_EQ(missing.body, R"({"code":404,"message":"Not found"})");
  const auto method = c.post("/hello", "");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("allow"), "GET, HEAD");
  EXPECT_EQ(stats().http_errors, 2U);
}

TEST_F(http_test, rejects_a_malformed_request_and_closes) {
  start_with_routes();
  for (const auto* text :
       {"nonsense\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"}) {
    auto c = connect();
    c.write(text);
    EXPECT_EQ(c.read_response().status, 400) << text;
    c.send_fin();
    EXPECT_TRUE(c.at_end()) << text;
  }
}

/// Requests that a proxy could interpret differently, which allows request smuggling.
TEST_F(http_test, rejects_an_ambiguous_request_and_closes) {
  start_with_routes();
  const std::string post = "POST /echo HTTP/1.1\r\n";
  const std::string host = "Host: x\r\n";
  const std::string smuggled = "\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& text : std::initializer_list<std::string>{
           "GET /hello HTTP/1.1\r\n\r\n",
           "GET /hello HTTP/1.1\r\n" + host + host + "\r\n",
           "GET /hello HTTP/1.0\r\n" + host + host + "\r\n",
           post + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + smuggled,
           post + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" + smuggled,
           post + host + "Content-Length: 5\r\nContent-Length: 6\r\n" + smuggled,
           post + host + "Content-Length: 5\r\nContent-Length: 5\r\n" + smuggled,
           post + host + "Content-Length: 5, 5\r\n" + smuggled,
           post + host + "Content-Length: +5\r\n" + smuggled,
           post + host + "Content-Length: 0x5\r\n" + smuggled,
           post + host + "Content-Length: -1\r\n" + smuggled,
           post + host + "Content-Length:\r\n" + smuggled,
           post + host + "Content-Length: 99999999999999999999\r\n" + smuggled,
           post + host + "Content-Length : 5\r\n" + smuggled,
           post + host + "Transfer-Encoding: gzip\r\n" + smuggled,
           post + host + "Transfer-Encoding: gzip, chunked\r\n" + smuggled,
           post + host + "Transfer-Encoding: chunked, identity\r\n" + smuggled,
           post + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" + smuggled,
           post + host +
               "Transfer-Encoding: \x0b"
               "chunked\r\n" +
               smuggled,
           "POST /echo HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n" + smuggled,
           post + host + "Transfer-Encoding:\r\n chunked\r\n" + smuggled,
           post + host + "X: 1\r\n Content-Length: 5\r\n\r\n",
           post + " " + host + "\r\n",
           "GET /hello HTTP/1.1\nHost: x\n\n",
           "GET /hello HTTP/1.1\r\nHost: x\n\r\n",
           "GET /hello HTTP/1.1\r\nX: a\rb\r\nHost: x\r\n\r\n",
           "GET /hello HTTP/1.1\r\nX: a" + std::string(1, '\0') + "b\r\nHost: x\r\n\r\n",
           "GET /hello" + std::string(1, '\0') + " HTTP/1.1\r\nHost: x\r\n\r\n",
           std::string("\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"),
           post + host + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
           post + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
           post + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc",
           post + host + "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc",
       }) {
    auto c = connect();
    c.write(text);
    EXPECT_EQ(c.read_response().status, 400) << text;
    c.send_fin();
    EXPECT_TRUE(c.at_end()) << text;
  }
}

TEST_F(http_test, rejects_a_websocket_request_with_a_body) {
  start_with_routes();
  auto c = connect();
  EXPECT_EQ(c.upgrade("/hello", "Content-Length: 5\r\n").status, 400);
}

TEST_F(http_test, closes_the_connection_if_the_client_requests_it) {
  start_with_routes();
  auto c = connect();
  const auto a = c.get("/hello", "Connection: close\r\n");
  EXPECT_EQ(a.header("connection"), "close");
  EXPECT_TRUE(c.at_end());
  auto http_1_0 = connect();
  http_1_0.write("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(http_1_0.read_response().body, "hi");
  EXPECT_TRUE(http_1_0.at_end());
}

TEST_F(http_test, responds_500_if_a_handler_throws_or_does_not_respond) {
  start_with_routes();
  auto c = connect();
  for (const auto* path : {"/throw", "/throw-number", "/forget"}) EXPECT_EQ(c.get(path).status, 500) << path;
  EXPECT_EQ(connect().get("/throw-early").status, 500);
  EXPECT_EQ(c.get("/hello").status, 200);
}

TEST_F(http_test, a_handler_may_respond_later_even_after_a_disconnect) {
  start_with_routes();
  auto c = connect();
  auto other = connect();
  c.send_request("GET", "/later");
  while (!on_io_thread([this] { return static_cast<bool>(deferred); })) {
  }
  EXPECT_EQ(other.get("/release").status, 204);
  EXPECT_EQ(c.read_response().body, "at last");
  {
    auto gone = connect();
    gone.send_request("GET", "/later");
    while (!on_io_thread([this] { return server->stats().http_requests == 3; })) {
    }
  }
  EXPECT_EQ(other.get("/release").status, 204);
}

TEST_F(http_test, a_header_value_cannot_inject_headers) {
  start_with_routes();
  auto c = connect();
  const auto a = c.get("/inject");
  EXPECT_EQ(a.header("set-cookie"), "");
  EXPECT_EQ(a.header("x-evil"), "a  Set-Cookie: b");
}

TEST_F(http_test, listen_returns_its_error) {
  start();
  options second = opts;
  second.port = port;
  EXPECT_EQ(http_server(second).listen().error(), std::errc::address_in_use);
  second.host = "no..name";
  EXPECT_FALSE(http_server(second).listen());
}

TEST_F(http_test, listens_on_the_address_of_a_host_name) {
  opts.host = "localhost";
  start();
  options same = opts;
  same.host = resolve("localhost").value().to_string();
  same.port = port;
  EXPECT_EQ(http_server(same).listen().error(), std::errc::address_in_use);
}

TEST_F(http_test, posted_tasks_run_in_order) {
  start();
  std::string order;
  for (char c = 'a'; c <= 'e'; ++c) {
    server->post([&order, c] { order += c; });
    server->post([] { throw 1; });
  }
  EXPECT_EQ(on_io_thread([&] { return order; }), "abcde");
}

}  // namespace
}  // namespace emostream::net
