#include "net/tls.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include "net/certificate.hpp"
#include "net/http_fixture.hpp"

namespace emostream::net {
namespace {

using testing::HasSubstr;

struct tls_test : http_fixture {
  certificate served{"first.test"};

  tls_test() {
    opts.tls_certificate = served.file();
    opts.tls_key = served.key();
  }

  void start_echo() {
    start([](http_server& s) {
      s.route("POST", "/echo", [](http_request r, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::move(r.body)));
      });
      s.route("GET", "/secure", [](const http_request& r, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::string(r.head.secure ? "yes" : "no")));
      });
    });
  }
  client connect_tls(int max_version = 0) const {
    client c(port);
    EXPECT_TRUE(c.start_tls(max_version));
    return c;
  }
};

/// The error of a server with these options; "" if there is none.
std::string error_with(const options& o) {
  try {
    http_server s(o);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

/// Text without a short period, so that lost or swapped bytes are noticed.
std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

/// A TLS client without a socket: the caller transfers the bytes in both directions.
class tls_client_state {
 public:
  tls_client_state() {
    ::SSL_set_bio(ssl_.get(), in_, out_);
    ::SSL_set_connect_state(ssl_.get());
  }
  /// Continues the handshake; true once it has completed.
  bool handshake() { return ::SSL_do_handshake(ssl_.get()) == 1; }
  void write(std::string_view bytes) {
    ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string read() {
    std::string text(1000, ' ');
    const int n = ::SSL_read(ssl_.get(), text.data(), static_cast<int>(text.size()));
    return text.substr(0, static_cast<std::size_t>(std::max(n, 0)));
  }
  void receive(std::string_view bytes) { ::BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())); }
  std::string to_send() {
    std::string bytes(BIO_pending(out_), ' ');
    if (!bytes.empty()) ::BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

 private:
  std::shared_ptr<SSL_CTX> context_{::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free};
  std::shared_ptr<SSL> ssl_{::SSL_new(context_.get()), ::SSL_free};
  BIO* in_ = ::BIO_new(::BIO_s_mem());
  BIO* out_ = ::BIO_new(::BIO_s_mem());
};

TEST_F(tls_test, accepts_input_byte_by_byte) {
  start_echo();
  auto c = connect();
  tls_client_state tls;
  const auto send_byte_by_byte = [&] {
    for (const char byte : tls.to_send()) c.write({&byte, 1});
  };
  while (!tls.handshake()) {
    send_byte_by_byte();
    const auto received = c.read(1);
    ASSERT_EQ(received.size(), 1U);
    tls.receive(received);
  }
  tls.write("GET /secure HTTP/1.1\r\nHost: test\r\n\r\n");
  send_byte_by_byte();
  std::string response;
  while (!response.ends_with("\r\n\r\nyes")) {
    const auto received = c.read(1);
    ASSERT_EQ(received.size(), 1U) << response;
    tls.receive(received);
    response += tls.read();
  }
}

TEST_F(tls_test, survives_a_handshake_that_is_cut_off_after_any_byte) {
  start_echo();
  tls_client_state tls;
  tls.handshake();
  const auto hello = tls.to_send();
  ASSERT_GT(hello.size(), 100U);
  for (std::size_t size = 0; size < hello.size(); ++size)
    connect().write(std::string_view(hello).substr(0, size));
  while (stats().tls_handshakes_failed != hello.size()) {
  }
  while (stats().connections_open != 0) {
  }
}

TEST_F(tls_test, serves_http) {
  start_echo();
  for (const auto& [version, name] : {std::pair(0, "TLSv1.3"), std::pair(TLS1_2_VERSION, "TLSv1.2")}) {
    auto c = connect_tls(version);
    EXPECT_EQ(c.tls_version(), name);
    EXPECT_EQ(c.alpn_protocol(), "http/1.1");
    EXPECT_EQ(c.certificate_common_name(), "first.test");
    EXPECT_EQ(c.post("/echo", "one").body, "one");
    EXPECT_EQ(c.post("/echo", "two").body, "two");
    EXPECT_EQ(c.get("/secure").body, "yes");
  }
  EXPECT_EQ(stats().tls_handshakes_failed, 0U);
}

TEST_F(tls_test, transfers_large_bodies) {
  start_echo();
  auto c = connect_tls();
  const auto text = pattern(5'000'000);
  EXPECT_TRUE(c.post("/echo", text).body == text);
}

TEST_F(tls_test, closes_a_client_that_does_not_read) {
  opts.write_timeout = milliseconds(50);
  start([](http_server& s) {
    s.route("GET", "/huge", [](const http_request&, http_responder respond) {
      respond(http_response::of(200, "text/plain", std::string(50'000'000, 'x')));
    });
  });
  client c(port, 4096);
  ASSERT_TRUE(c.start_tls());
  c.send_request("GET", "/huge");
  while (stats().slow_clients_closed == 0) {
  }
  while (stats().connections_open != 0) {
  }
}

TEST_F(tls_test, serves_pipelined_requests_in_one_record) {
  start_echo();
  auto c = connect_tls();
  c.write("GET /secure HTTP/1.1\r\nHost: test\r\n\r\nGET /secure HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(c.read_response().body, "yes");
  EXPECT_EQ(c.read_response().body, "yes");
}

TEST_F(tls_test, serves_a_request_that_arrives_with_the_end_of_the_handshake) {
  start_echo();
  client c(port);
  c.cork(true);
  ASSERT_TRUE(c.start_tls());
  c.send_request("GET", "/secure");
  c.cork(false);
  EXPECT_EQ(c.read_response().body, "yes");
}

TEST_F(tls_test, delivers_the_response_although_the_body_is_unread) {
  opts.max_body_bytes = 1000;
  start_echo();
  auto c = connect_tls();
  EXPECT_EQ(c.post("/echo", pattern(2'000'000)).status, 413);
}

TEST_F(tls_test, sends_close_notify) {
  start_echo();
  auto c = connect_tls();
  EXPECT_EQ(c.get("/secure", "Connection: close\r\n").body, "yes");
  EXPECT_TRUE(c.ends_with_close_notify());
}

TEST_F(tls_test, rejects_old_versions) {
  start_echo();
  EXPECT_FALSE(connect().start_tls(TLS1_1_VERSION));
  EXPECT_FALSE(connect().start_tls(TLS1_VERSION));
  while (stats().tls_handshakes_failed < 2) {
  }
  EXPECT_EQ(connect_tls().get("/secure").body, "yes");
}

TEST_F(tls_test, negotiates_only_http_1_1) {
  start_echo();
  EXPECT_FALSE(connect().start_tls(0, "h2"));
}

TEST_F(tls_test, rejects_renegotiation) {
  start_echo();
  auto c = connect_tls(TLS1_2_VERSION);
  EXPECT_FALSE(c.renegotiate());
  EXPECT_EQ(connect_tls().get("/secure").body, "yes");
}

TEST_F(tls_test, answers_plain_http_with_a_400) {
  start_echo();
  auto c = connect();
  const auto a = c.get("/secure");
  EXPECT_EQ(a.status, 400);
  EXPECT_EQ(a.body, R"({"code":400,"message":"This port speaks HTTPS"})");
  EXPECT_TRUE(c.at_end());
  EXPECT_EQ(stats().tls_handshakes_failed, 1U);
  auto post = connect();
  EXPECT_EQ(post.post("/echo", std::string(200'000, 'x')).status, 400);
}

TEST_F(tls_test, closes_on_bytes_that_are_not_a_handshake) {
  start_echo();
  auto c = connect();
  using namespace std::string_view_literals;
  c.write("\x16\x03\x01\x00\x05hello, and more"sv);
  while (c.read(1).size() == 1) {  // possibly an alert
  }
  EXPECT_TRUE(c.at_end());
  connect().send_fin();
  while (stats().connections_open != 0) {
  }
}

TEST_F(tls_test, closes_an_incomplete_handshake_after_a_timeout) {
  opts.header_timeout = milliseconds(20);
  start_echo();
  auto silent = connect();
  EXPECT_TRUE(silent.at_end());
  auto half = connect();
  half.write(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(half.at_end());
  EXPECT_EQ(stats().tls_handshakes_failed, 2U);
}

TEST_F(tls_test, draining_does_not_wait_for_handshakes) {
  opts.drain_grace = milliseconds(60'000);
  start_echo();
  auto c = connect();
  while (stats().connections_open == 0) {
  }
  server->post([this] { server->close_all(); });
  EXPECT_TRUE(c.at_end());
  join();
}

TEST_F(tls_test, uses_a_reloaded_certificate_for_new_connections) {
  start_echo();
  auto before = connect_tls();
  served.renew("second.test");
  on_io_thread([this] { server->reload_certificate(); });
  EXPECT_EQ(connect_tls().certificate_common_name(), "second.test");
  EXPECT_EQ(before.get("/secure").body, "yes");

  std::ofstream(served.file()) << "broken";
  on_io_thread([this] { server->reload_certificate(); });
  EXPECT_EQ(connect_tls().certificate_common_name(), "second.test");
}

TEST_F(tls_test, reports_invalid_certificate_and_key_files) {
  const certificate other("other.test");
  auto o = opts;
  o.tls_key.clear();
  EXPECT_THAT(error_with(o), HasSubstr("go together"));
  o = opts;
  o.tls_certificate = "nowhere.pem";
  EXPECT_THAT(error_with(o), HasSubstr("cannot read the certificate nowhere.pem"));
  o = opts;
  o.tls_key = std::filesystem::temp_directory_path();
  EXPECT_THAT(error_with(o), HasSubstr("cannot read the key"));
  o = opts;
  o.tls_certificate = served.key();
  EXPECT_THAT(error_with(o), testing::AllOf(HasSubstr("no usable certificate"), HasSubstr("key.pem")));
  o = opts;
  o.tls_key = other.key();
  EXPECT_THAT(error_with(o), testing::AllOf(HasSubstr("no usable key"), HasSubstr("mismatch")));
}

}  // namespace
}  // namespace emostream::net
