#include "net/deflate.hpp"

#include <random>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

using outcome = inflater::outcome;

std::string deflated(std::string_view text, int window_bits = deflater::max_window_bits) {
  std::string out;
  deflater(deflater::format::raw, window_bits).append(out, text, deflater::flush::finish);
  return out;
}

std::string noise(std::size_t size) {
  std::minstd_rand random(1);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(deflate, round_trips) {
  for (const int bits : {9, 12, 15})
    for (const auto& text : {std::string(), std::string("a"), std::string(1'000'000, 'x'), noise(300'000)}) {
      const auto bytes = deflated(text, bits);
      std::string_view in = bytes;
      std::string out;
      EXPECT_EQ(inflater(bits).append(out, in, text.size()), outcome::end);
      EXPECT_EQ(out, text);
      EXPECT_TRUE(in.empty());
    }
}

TEST(deflate, writes_the_headers_of_gzip_and_zlib) {
  std::string gzip;
  deflater(deflater::format::gzip).append(gzip, "hello", deflater::flush::finish);
  EXPECT_EQ(gzip.substr(0, 2), "\x1f\x8b");
  std::string zlib;
  deflater(deflater::format::zlib).append(zlib, "hello", deflater::flush::finish);
  EXPECT_EQ(zlib.substr(0, 1), "x");
}

TEST(deflate, a_sync_flush_writes_all_output) {
  deflater d(deflater::format::raw);
  inflater i;
  for (const auto* text : {"hello hello", "hello hello", "other"}) {
    std::string bytes;
    d.append(bytes, "<", deflater::flush::none);
    d.append(bytes, text, deflater::flush::sync);
    EXPECT_TRUE(bytes.ends_with(std::string_view("\0\0\xff\xff", 4)));
    std::string_view in = bytes;
    std::string out;
    EXPECT_EQ(i.append(out, in, 100), outcome::more);
    EXPECT_EQ(out, "<" + std::string(text));
  }
}

TEST(deflate, reset_starts_a_new_stream) {
  deflater d(deflater::format::raw);
  std::string first;
  std::string second;
  d.append(first, "hello hello", deflater::flush::sync);
  d.reset();
  d.append(second, "hello hello", deflater::flush::sync);
  EXPECT_EQ(first, second);
}

TEST(inflate, stops_at_the_limit) {
  const std::string big(100'000, 'x');
  const auto bytes = deflated(big);
  for (const std::size_t limit : {0U, 1U, 16'384U, 99'999U}) {
    std::string_view in = bytes;
    std::string out;
    EXPECT_EQ(inflater().append(out, in, limit), outcome::too_big) << limit;
    EXPECT_LE(out.size(), limit);
  }
  std::string_view in = bytes;
  std::string out;
  EXPECT_EQ(inflater().append(out, in, 100'000), outcome::end);
}

TEST(inflate, accepts_input_in_pieces) {
  const auto text = noise(1000);
  const auto bytes = deflated(text);
  inflater i;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string_view in(bytes.data() + at, 1);
    EXPECT_EQ(i.append(out, in, 1000), at + 1 == bytes.size() ? outcome::end : outcome::more);
  }
  EXPECT_EQ(out, text);
}

TEST(inflate, rejects_invalid_streams) {
  std::string out;
  std::string_view in = "\xff\xff\xff";
  EXPECT_EQ(inflater().append(out, in, 100), outcome::invalid);
}

TEST(inflate, the_next_stream_may_refer_to_a_kept_window) {
  deflater d(deflater::format::raw);
  inflater i;
  std::string bytes;
  std::string out;
  d.append(bytes, "something to remember", deflater::flush::sync);
  std::string_view in = bytes;
  EXPECT_EQ(i.append(out, in, 100), outcome::more);
  for (const bool keep : {true, false}) {
    i.reset(keep);
    bytes.clear();
    out.clear();
    d.append(bytes, "something to remember", deflater::flush::sync);
    in = bytes;
    EXPECT_EQ(i.append(out, in, 100), keep ? outcome::more : outcome::invalid);
    if (keep) {
      EXPECT_EQ(out, "something to remember");
    }
  }
}

}  // namespace
}  // namespace emostream::net
