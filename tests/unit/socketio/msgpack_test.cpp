#include "socketio/msgpack.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "socketio/error.hpp"
#include "socketio/hex.hpp"

namespace emostream::socketio::test {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

value read(std::string_view hex) {
  const options limits{.max_values = 1'000'000, .max_object_members = 1'000'000};
  const std::string bytes = from_hex(hex);
  msgpack_reader in(bytes, limits);
  auto v = in.value();
  EXPECT_TRUE(v) << hex << ": " << in.error().message();
  EXPECT_TRUE(in.done()) << hex;
  return v ? std::move(*v) : value();
}

std::error_code error_of(std::string_view hex, const options& limits = {}) {
  const std::string bytes = from_hex(hex);
  msgpack_reader in(bytes, limits);
  EXPECT_FALSE(in.value()) << hex;
  return in.error();
}

std::string written(const value& v) {
  std::string out;
  write_msgpack(out, v, {});
  return to_hex(out);
}

// The hexadecimal vectors are what notepack.io 2.2.0 writes.
const std::vector<std::pair<value, std::string>> vectors = {
    {0, "00"},
    {127, "7f"},
    {128, "cc80"},
    {255, "ccff"},
    {256, "cd0100"},
    {65535, "cdffff"},
    {65536, "ce00010000"},
    {4294967295, "ceffffffff"},
    {4294967296, "cf0000000100000000"},
    {9007199254740991, "cf001fffffffffffff"},
    {-1, "ff"},
    {-32, "e0"},
    {-33, "d0df"},
    {-128, "d080"},
    {-129, "d1ff7f"},
    {-32768, "d18000"},
    {-32769, "d2ffff7fff"},
    {std::numeric_limits<std::int32_t>::min(), "d280000000"},
    {-2147483649, "d3ffffffff7fffffff"},
    {-9007199254740991, "d3ffe0000000000001"},
    {0.5, "cb3fe0000000000000"},
    {-1.25, "cbbff4000000000000"},
    {nullptr, "c0"},
    {true, "c3"},
    {"", "a0"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "a9c3a9e282acf09f9880"},
    {object({{"a", {true, false, object()}}, {"b", array()}}), "82a16193c3c280a16290"},
};

TEST(msgpack, is_compatible_with_notepack) {
  for (const auto& [v, hex] : vectors) {
    EXPECT_EQ(written(v), hex);
    const value got = read(hex);
    EXPECT_EQ(got, v) << hex;
    EXPECT_EQ(got.kind(), v.kind()) << hex;
  }
}

TEST(msgpack, round_trips_integers_and_doubles) {
  for (const value& v :
       {value(std::numeric_limits<std::int64_t>::min()), value(std::numeric_limits<std::int64_t>::max()),
        value(std::numeric_limits<std::uint64_t>::max()), value(1e300), value(-5e-324), value(0.1)}) {
    const value got = read(written(v));
    EXPECT_EQ(got, v);
    EXPECT_EQ(got.kind(), v.kind());
  }
  EXPECT_EQ(written(value(std::numeric_limits<std::uint64_t>::max())), "cfffffffffffffffff");
  EXPECT_EQ(written(1e300), "cb7e37e43c8800759c") << "not representable as a 64-bit integer";
  EXPECT_EQ(written(-0.0), "cb8000000000000000");
}

TEST(msgpack, writes_doubles_that_are_safe_integers_as_integers) {
  EXPECT_EQ(written(3.0), "03");
  EXPECT_EQ(written(-200.0), "d1ff38");
  EXPECT_EQ(written(9007199254740992.0), "cb4340000000000000") << "above 2^53 - 1";
}

TEST(msgpack, reads_encodings_that_notepack_does_not_write) {
  EXPECT_EQ(read("ca3fc00000"), value(1.5));
  EXPECT_EQ(read("cd0001"), value(1)) << "longer encoding than needed";
  EXPECT_EQ(read("d300000000000000ff"), value(255));
  EXPECT_EQ(read("cfffffffffffffffff").kind(), boost::json::kind::uint64);
  EXPECT_EQ(read("d9026869"), value("hi"));
  EXPECT_EQ(read("da00026869"), value("hi"));
  EXPECT_EQ(read("db000000026869"), value("hi"));
  EXPECT_EQ(read("dc0001c3"), array(1, true));
  EXPECT_EQ(read("dd00000001c3"), array(1, true));
  EXPECT_EQ(read("de0001a161c3"), object({{"a", true}}));
  EXPECT_EQ(read("df00000001a161c3"), object({{"a", true}}));
  EXPECT_EQ(read("82a16101a16102"), object({{"a", 2}})) << "the last duplicate counts";
}

TEST(msgpack, writes_ill_formed_utf8_with_replacement_characters) {
  EXPECT_EQ(written("a\xff"), "a461efbfbd");
  EXPECT_EQ(written(object({{"\xff", 1}})), "81a3efbfbd01");
}

TEST(msgpack, writes_lengths_of_every_size) {
  const auto text = [](std::size_t size) { return value(std::string(size, 'x')); };
  for (const std::size_t size : {31U, 32U, 255U, 256U, 65535U, 65536U}) {
    EXPECT_EQ(read(written(text(size))), text(size)) << size;
  }
  for (const std::size_t size : {15U, 16U, 65535U, 65536U}) {
    const value list(array(size, nullptr));
    EXPECT_EQ(read(written(list)), list) << size;
    object o;
    for (std::size_t i = 0; i < size; ++i) o[std::to_string(i)] = i;
    const std::string bytes = from_hex(written(o));
    const options limits;
    msgpack_reader in(bytes, limits);
    EXPECT_EQ(in.map_size(), size);
    if (size < 1000) {
      EXPECT_EQ(read(written(o)), value(o)) << size;
    }
  }
  EXPECT_EQ(written(text(31)).substr(0, 2), "bf");
  EXPECT_EQ(written(text(32)).substr(0, 4), "d920");
  EXPECT_EQ(written(text(256)).substr(0, 6), "da0100");
  EXPECT_EQ(written(array(15, nullptr)).substr(0, 2), "9f");
  EXPECT_EQ(written(array(16, nullptr)).substr(0, 6), "dc0010");
}

TEST(msgpack, treats_undefined_as_json_does) {
  EXPECT_EQ(read("92d4000001"), array({nullptr, 1}));
  EXPECT_EQ(read("82a161d40000a16201"), object({{"b", 1}}));
  const options limits;
  const std::string bytes = from_hex("d40000");
  msgpack_reader in(bytes, limits);
  EXPECT_FALSE(in.value());
  EXPECT_FALSE(in.error());
}

TEST(msgpack, reads_nan_and_infinities_as_null) {
  for (const std::string hex :
       {"cb7ff8000000000000", "cb7ff0000000000000", "cbfff0000000000000", "ca7f800000", "ca7fc00000"})
    EXPECT_EQ(read(hex), value()) << hex;
}

TEST(msgpack, reads_dates_as_iso_strings) {
  const std::vector<std::pair<std::string, value>> dates = {
      {"d7000000018bcfe5687b", "2023-11-14T22:13:20.123Z"},
      {"d7000000018df74f83ff", "2024-02-29T23:59:59.999Z"},
      {"d7000000000000000000", "1970-01-01T00:00:00.000Z"},
      {"d700ffffffffffffffff", "1969-12-31T23:59:59.999Z"},
      {"d700ffffc77590fba000", "0000-01-01T00:00:00.000Z"},
      {"d700ffffc77590fb9fff", "-000001-12-31T23:59:59.999Z"},
      {"d700001eb208c2dc0000", "+275760-09-13T00:00:00.000Z"},
      {"d700ffe14df73d240000", "-271821-04-20T00:00:00.000Z"},
      {"d700001eb208c2dc0001", nullptr},
      {"d7007fffffffffffffff", nullptr},
      {"d7008000000000000000", nullptr},
      // MessagePack's own timestamps, of 32, 64 and 96 bits.
      {"d6ff6553f100", "2023-11-14T22:13:20.000Z"},
      {"d7ff1d5353006553f100", "2023-11-14T22:13:20.123Z"},
      {"c70cff0754d4c0ffffffffffffffff", "1969-12-31T23:59:59.123Z"},
      {"c70cff000000007fffffffffffffff", nullptr},
  };
  for (const auto& [hex, text] : dates) EXPECT_EQ(read(hex), text) << hex;
  EXPECT_EQ(error_of("d7ffee6b280000000000"), error::bad_msgpack) << "more than 999,999,999 nanoseconds";
  EXPECT_EQ(error_of("c705ff0000000000"), error::bad_msgpack);
}

TEST(msgpack, reads_binary_data_as_attachments) {
  const options limits;
  // A Buffer, an ArrayBuffer of eight bytes (not a date), and a Buffer with a 16-bit length.
  const std::string bytes = from_hex("93c403010203c708000102030405060708c5000109");
  msgpack_reader in(bytes, limits);
  const auto v = in.value();
  ASSERT_TRUE(v);
  ASSERT_EQ(in.attachments().size(), 3U);
  EXPECT_EQ(*in.attachments()[0], "\x01\x02\x03");
  EXPECT_EQ(in.attachments()[1]->size(), 8U);
  EXPECT_EQ(*in.attachments()[2], "\x09");
  const auto args = arguments::of(v->get_array(), in.attachments());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(args.attachment(args.values[i]), in.attachments()[i]);

  std::string back;
  write_msgpack(back, *v, in.attachments());
  EXPECT_EQ(to_hex(back), "93c403010203c4080102030405060708c40109");
}

TEST(msgpack, writes_invalid_placeholders_as_objects) {
  const value out_of_range = {{"_placeholder", true}, {"num", 1}};
  std::string out;
  write_msgpack(out, out_of_range, {message::bytes("x").data});
  EXPECT_EQ(to_hex(out), "82ac5f706c616365686f6c646572c3a36e756d01");
}

TEST(msgpack, rejects_forged_placeholders) {
  EXPECT_EQ(error_of("92c4010182ac5f706c616365686f6c646572c3a36e756d00"), error::bad_placeholder);
  EXPECT_EQ(error_of("82ac5f706c616365686f6c646572c3a36e756d00"), error::bad_placeholder);
  EXPECT_EQ(read("81ac5f706c616365686f6c646572c2"), object({{"_placeholder", false}}));
}

TEST(msgpack, rejects_malformed_input) {
  for (const std::string hex : {"",
                                "c1",
                                "a161"
                                "c1",
                                "cc",
                                "cd00",
                                "cb00000000000000",
                                "d2ff",
                                "a261",
                                "d9",
                                "d90161"
                                "ff",
                                "da0001",
                                "91",
                                "9201",
                                "81",
                                "81a161",
                                "8101c3",
                                "81c0c0",
                                "81c401610a",
                                "c40261",
                                "c4",
                                "dc",
                                "dd7fffffff",
                                "df7fffffff",
                                "ddffffffff",
                                "dbffffffff",
                                "c6ffffffff",
                                "c9ffffffff00",
                                "d4",
                                "d400",
                                "d50000ff00",
                                "d8000000000000000000000000000000000000",
                                "d40100",
                                "c7020101",
                                "c7010561",
                                "a1ff",
                                "a2c328",
                                "a3eda080",
                                "81a1ff00"}) {
    const options limits;
    const std::string bytes = from_hex(hex);
    msgpack_reader in(bytes, limits);
    const bool whole = in.value().has_value() && in.done();
    EXPECT_FALSE(whole) << hex;
  }
}

TEST(msgpack, limits_depth_attachments_and_their_bytes) {
  options limits;
  limits.max_json_depth = 2;
  limits.max_attachments = 2;
  limits.max_attachment_bytes = 3;
  EXPECT_EQ(error_of("919190", limits), error::bad_msgpack);
  EXPECT_EQ(error_of("9181a16180", limits), error::bad_msgpack);
  EXPECT_EQ(error_of("93c400c400c400", limits), error::too_many_attachments);
  EXPECT_EQ(error_of("92c40101c403020304", limits), error::attachments_too_large);
  const std::string fits = from_hex("92c40101c4020203");
  EXPECT_TRUE(msgpack_reader(fits, limits).value());
}

TEST(msgpack, rejects_nested_arrays_that_are_together_larger_than_the_input) {
  // Each array alone would fit into the input.
  std::string bytes;
  for (int depth = 0; depth < 30; ++depth) bytes += from_hex("dd00000fa0");
  bytes.resize(4200, '\xc0');
  const options limits;
  msgpack_reader in(bytes, limits);
  EXPECT_FALSE(in.value());
  EXPECT_EQ(in.error(), error::bad_msgpack);
}

TEST(msgpack, survives_every_truncation_and_every_changed_byte) {
  const options limits;
  const std::string whole =
      from_hex("95a3626172c40201028182a16193c3c280a16290d7000000018bcfe5687bcb3fe0000000000000d40000");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::string cut = whole.substr(0, i);
    EXPECT_FALSE(msgpack_reader(cut, limits).value());
    for (int c = 0; c < 256; ++c) {
      std::string changed = whole;
      changed[i] = static_cast<char>(c);
      (void)msgpack_reader(changed, limits).value();
    }
  }
}

TEST(msgpack, limits_members_and_values) {
  EXPECT_EQ(error_of("82a16101a16202", {.max_object_members = 1}), error::too_many_members);
  EXPECT_EQ(error_of("93010203", {.max_values = 3}), error::too_many_values);
  EXPECT_EQ(error_of("9190", {.max_values = 1}), error::too_many_values);
  EXPECT_EQ(error_of("dd000000050102030405", {.max_values = 4}), error::too_many_values);
}

}  // namespace
}  // namespace emostream::socketio::test
