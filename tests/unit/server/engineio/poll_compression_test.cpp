#include "net/deflate.hpp"
#include "net/http/content_coding.hpp"
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

const std::string big = "4" + std::string(5000, 'x');

/// The content of a zlib or gzip stream with a header of that size; its checksum is not verified.
std::string decoded(std::string_view body, std::size_t header_size) {
  inflater raw;
  std::string out;
  auto in = body.substr(header_size);
  EXPECT_EQ(raw.append(out, in, 1'000'000), inflater::outcome::end);
  return out;
}

struct poll_compression_test : engineio_fixture {
  /// Posts `payload` in a new session; returns the response to the next poll.
  response echo(std::string_view payload, std::string_view headers) {
    auto c = connect();
    const auto session = open_polling(c);
    EXPECT_EQ(c.post(session, payload).body, "ok");
    return c.get(session, headers);
  }
};

TEST_F(poll_compression_test, uses_a_coding_that_the_client_accepts) {
  start();
  const auto gzip = echo(big, "Accept-Encoding: gzip, deflate, br\r\n");
  EXPECT_EQ(gzip.header("content-encoding"), "gzip");
  EXPECT_EQ(gzip.header("vary"), "Accept-Encoding");
  EXPECT_EQ(gzip.header("content-type"), "text/plain; charset=UTF-8");
  EXPECT_LT(gzip.body.size(), 200U);
  EXPECT_EQ(decoded(gzip.body, 10), big);

  const auto deflate = echo(big, "Accept-Encoding: gzip;q=0.5, deflate\r\n");
  EXPECT_EQ(deflate.header("content-encoding"), "deflate");
  EXPECT_EQ(decoded(deflate.body, 2), big);

  for (const auto* headers : {"", "Accept-Encoding: br\r\n", "Accept-Encoding: gzip;q=0\r\n"}) {
    const auto plain = echo(big, headers);
    EXPECT_EQ(plain.header("content-encoding"), "");
    EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
    EXPECT_EQ(plain.body, big);
  }
}

TEST_F(poll_compression_test, uses_the_coding_of_the_pending_poll) {
  start();
  auto poller = connect();
  auto poster = connect();
  const auto session = open_polling(poller);
  poller.send_request("GET", session, "", "Accept-Encoding: gzip\r\n");
  while (stats().http_requests != 2) {
  }
  EXPECT_EQ(poster.post(session, big, "Accept-Encoding: deflate\r\n").body, "ok");
  EXPECT_EQ(poller.read_response().header("content-encoding"), "gzip");
}

TEST_F(poll_compression_test, does_not_compress_small_payloads) {
  start();
  const std::string smallest = "4" + std::string(1023, 'x');
  EXPECT_EQ(echo(smallest, "Accept-Encoding: gzip\r\n").header("content-encoding"), "gzip");
  const auto small = echo(smallest.substr(0, 1023), "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(small.header("content-encoding"), "");
  EXPECT_EQ(small.header("vary"), "");
}

TEST_F(poll_compression_test, does_not_compress_messages_sent_with_compress_false) {
  start();
  const std::string plain = "4plain" + std::string(5000, 'x');
  EXPECT_EQ(echo(plain, "Accept-Encoding: gzip\r\n").body, plain);
  const auto both = echo(plain + '\x1e' + "4hi", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(both.header("content-encoding"), "gzip")
      << "compressed if at least one message may be, as by the Node server";
}

TEST_F(poll_compression_test, can_be_disabled) {
  engine_opts.http_compression = std::nullopt;
  start();
  EXPECT_EQ(echo(big, "Accept-Encoding: gzip\r\n").body, big);
}

}  // namespace
}  // namespace emostream::server
