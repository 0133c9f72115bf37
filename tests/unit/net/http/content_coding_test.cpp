#include "net/http/content_coding.hpp"

#include <array>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

content_coding choose(std::string accept) {
  static constexpr std::array supported{content_coding::br, content_coding::gzip};
  request_head head;
  head.headers = {{"accept-encoding", std::move(accept)}};
  return choose_coding(head, supported);
}

TEST(content_coding, has_a_name) {
  EXPECT_EQ(to_string(content_coding::br), "br");
  EXPECT_EQ(to_string(content_coding::deflate), "deflate");
}

TEST(choose_coding, prefers_the_highest_quality_value) {
  for (const auto* accept :
       {"gzip", "GZip", "x, gzip;q=0.1", "gzip;q=1.0, br;q=0.999", "*;q=0.5, br;q=0", "gzip , identity",
        "gzip\t;\tQ=0.5", "identity;q=0.5, gzip;q=0.5", "br;q=2, gzip", "br;q=1.001, gzip;q=0.1",
        "br;q=x, gzip", "br;q=0.1234, gzip;q=0.1"})
    EXPECT_EQ(choose(accept), content_coding::gzip) << accept;
  for (const auto* accept : {"gzip, br", "br, gzip", "*", "br;q=1, gzip;q=1.000", "gzip, deflate, br, zstd"})
    EXPECT_EQ(choose(accept), content_coding::br) << accept;
}

TEST(choose_coding, returns_identity_if_it_is_preferred_or_no_other_is_acceptable) {
  EXPECT_EQ(choose_coding({}, std::array{content_coding::gzip}), content_coding::identity);
  for (const auto* accept : {"", "identity", "deflate", "gzip;q=0", "*;q=0", "identity, gzip;q=0.5",
                             ",,;q=1,", "gzip;q=0.0, br;q=0.000", "gzipped", "=", ";", "gzip;q="})
    EXPECT_EQ(choose(accept), content_coding::identity) << accept;
}

TEST(response_encoder, encodes_several_responses) {
  response_encoder encoder;
  const std::string text(5000, 'a');
  for (int i = 0; i < 2; ++i) {
    const auto gzip = encoder.encode(text, content_coding::gzip);
    EXPECT_LT(gzip.size(), 100U);
    EXPECT_TRUE(gzip.starts_with("\x1f\x8b"));
    const auto zlib = encoder.encode(text, content_coding::deflate);
    EXPECT_TRUE(zlib.starts_with("x"));
    inflater raw;
    std::string out;
    std::string_view body = std::string_view(zlib).substr(2);
    EXPECT_EQ(raw.append(out, body, 5000), inflater::outcome::end);
    EXPECT_EQ(out, text);
  }
  EXPECT_LT(encode_brotli(text).size(), 100U);
}

}  // namespace
}  // namespace emostream::net
