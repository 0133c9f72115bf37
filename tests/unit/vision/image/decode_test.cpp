#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;
using testing::to_jpeg;
using testing::to_png;
using testing::to_webp;

const image original = gradient(160, 120);

int greatest_difference(const image& a, const image& b) {
  int greatest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    greatest = std::max(greatest, std::abs(a.pixels[i] - b.pixels[i]));
  return greatest;
}

void expect_like(const result<image>& decoded, const image& expected, int tolerance) {
  ASSERT_TRUE(decoded) << decoded.error().message();
  ASSERT_EQ(decoded->width, expected.width);
  ASSERT_EQ(decoded->height, expected.height);
  ASSERT_EQ(decoded->pixels.size(), expected.pixels.size());
  EXPECT_LE(greatest_difference(*decoded, expected), tolerance);
}

void expect_error(const bytes& encoded, image_error error, const image_limits& limits = {}) {
  const auto decoded = decode(encoded, limits);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), error) << decoded.error().message();
}

/// An image whose channels all equal the red channel.
image gray(const image& from) {
  image g = from;
  for (std::size_t i = 0; i < g.pixels.size(); ++i) g.pixels[i] = from.pixels[i / 3 * 3];
  return g;
}

/// The image composited onto black.
image on_black(const image& from, int alpha) {
  image d = from;
  for (auto& v : d.pixels) v = static_cast<std::uint8_t>(v * alpha / 255);
  return d;
}

/// Writes a big-endian number into a header.
void put(bytes& into, std::size_t at, std::uint32_t value, int width) {
  for (int i = 0; i < width; ++i)
    into[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> 8 * (width - 1 - i));
}

std::size_t find(const bytes& in, std::initializer_list<std::uint8_t> what) {
  return static_cast<std::size_t>(std::search(in.begin(), in.end(), what.begin(), what.end()) - in.begin());
}

/// A baseline JPEG whose header (start of frame) claims another size.
bytes jpeg_of_claimed_size(std::uint32_t width, std::uint32_t height) {
  bytes encoded = to_jpeg(original);
  const std::size_t start_of_frame = find(encoded, {0xFF, 0xC0});
  put(encoded, start_of_frame + 5, height, 2);
  put(encoded, start_of_frame + 7, width, 2);
  return encoded;
}

std::uint32_t crc32(std::span<const std::uint8_t> of) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const auto byte : of) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0xEDB88320 : 0);
  }
  return ~crc;
}

/// A PNG whose header claims another size.
bytes png_of_claimed_size(std::uint32_t width, std::uint32_t height) {
  bytes encoded = to_png(original);
  put(encoded, 16, width, 4);
  put(encoded, 20, height, 4);
  put(encoded, 29, crc32(std::span(encoded).subspan(12, 17)), 4);
  return encoded;
}

TEST(decode_test, jpeg) {
  expect_like(decode(to_jpeg(original), {}), original, 12);
}
TEST(decode_test, progressive_jpeg) {
  expect_like(decode(to_jpeg(original, {.scans = 50}), {}), original, 24);
}
TEST(decode_test, gray_jpeg_as_rgb) {
  expect_like(decode(to_jpeg(original, {.components = 1}), {}), gray(original), 6);
}
TEST(decode_test, cmyk_and_ycck_jpeg_as_rgb) {
  image expected = original;
  for (std::size_t i = 0; i < expected.pixels.size(); ++i)
    expected.pixels[i] = static_cast<std::uint8_t>(original.pixels[i] * original.pixels[i / 3 * 3] / 255);
  expect_like(decode(to_jpeg(original, {.components = 4}), {}), expected, 12);
  expect_like(decode(to_jpeg(original, {.components = 4, .ycck = true}), {}), expected, 16);
  expect_like(decode(to_jpeg(original, {.components = 4, .scans = 10}), {}), expected, 24);
  image reduced;
  const auto size =
      decode(to_jpeg(original, {.components = 4}), {}, {.colour = false, .max_reduction = 2}, reduced);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 160);
  EXPECT_EQ(reduced.width, 80);
  EXPECT_EQ(reduced.channels, 3);
}
TEST(decode_test, png) {
  expect_like(decode(to_png(original), {}), original, 0);
}
TEST(decode_test, gray_png_as_rgb) {
  expect_like(decode(to_png(original, {.channels = 1}), {}), gray(original), 0);
}
TEST(decode_test, png_with_16_bits_per_channel) {
  expect_like(decode(to_png(original, {.channels = 3, .depth = 16}), {}), original, 0);
  expect_like(decode(to_png(original, {.channels = 1, .depth = 16}), {}), gray(original), 0);
  expect_like(decode(to_png(original, {.channels = 2, .depth = 16}), {}), gray(original), 0);
  expect_like(decode(to_png(original, {.channels = 4, .depth = 16, .alpha = 0}), {}), on_black(original, 0),
              0);
}
TEST(decode_test, opaque_rgba_png) {
  expect_like(decode(to_png(original, {.channels = 4}), {}), original, 0);
}
TEST(decode_test, transparent_png_on_black) {
  const image black = on_black(original, 0);
  expect_like(decode(to_png(original, {.channels = 4, .alpha = 0}), {}), black, 0);
  expect_like(decode(to_png(original, {.channels = 2, .alpha = 0}), {}), black, 0);
}
TEST(decode_test, lossy_webp) {
  expect_like(decode(to_webp(original, false), {}), original, 24);
}
TEST(decode_test, lossless_webp) {
  expect_like(decode(to_webp(original, true), {}), original, 0);
}
TEST(decode_test, transparent_webp_on_black) {
  expect_like(decode(to_webp(original, true, 128), {}), on_black(original, 128), 2);
  expect_like(decode(to_webp(original, false, 0), {}), on_black(original, 0), 0);
}

TEST(decode_test, the_pixel_limit_is_independent_of_the_orientation) {
  EXPECT_TRUE(decode(to_jpeg(gradient(1080, 1920)), {}));
  expect_error(to_jpeg(gradient(1081, 1920)), image_error::too_many_pixels);
}

TEST(decode_test, rejects_images_that_are_too_small) {
  for (const auto& encode :
       {+[](const image& i) { return to_jpeg(i); }, +[](const image& i) { return to_png(i); },
        +[](const image& i) { return to_webp(i, false); }}) {
    EXPECT_TRUE(decode(encode(gradient(32, 32)), {}));
    expect_error(encode(gradient(31, 64)), image_error::too_small);
    expect_error(encode(gradient(64, 31)), image_error::too_small);
  }
}

TEST(decode_test, rejects_too_many_encoded_bytes) {
  const bytes encoded = to_jpeg(original);
  EXPECT_TRUE(decode(encoded, {.max_bytes = encoded.size()}));
  expect_error(encoded, image_error::too_large, {.max_bytes = encoded.size() - 1});
}

TEST(decode_test, rejects_a_huge_size_before_allocating_pixels) {
  // 60000×60000 RGB pixels would take 10.8 GB.
  expect_error(jpeg_of_claimed_size(60000, 60000), image_error::too_many_pixels);
  expect_error(jpeg_of_claimed_size(65535, 65535), image_error::too_many_pixels);
  expect_error(png_of_claimed_size(60000, 60000), image_error::too_many_pixels);
  expect_error(png_of_claimed_size(1, 60000), image_error::too_small);
  bytes webp = to_webp(original, true);  // VP8L: 14 bits of width - 1, 14 of height - 1 after the signature
  const std::size_t header = find(webp, {'V', 'P', '8', 'L'}) + 9;
  webp[header] = webp[header + 1] = webp[header + 2] = 0xFF;
  webp[header + 3] |= 0x0F;
  expect_error(webp, image_error::too_many_pixels);
}

long peak_memory_kb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(decode_test, compressed_text_in_a_png_is_not_inflated) {
  // 100 chunks of 8 KB, each with 7.9 MB of compressed text.
  bytes encoded = to_png(original, {.text = std::string(7'900'000, 'a')});
  const auto text = static_cast<std::ptrdiff_t>(find(encoded, {'z', 'T', 'X', 't'}) - 4);
  const auto pixels = static_cast<std::ptrdiff_t>(find(encoded, {'I', 'D', 'A', 'T'}) - 4);
  const bytes chunk(encoded.begin() + text, encoded.begin() + pixels);
  for (int i = 1; i < 100; ++i) encoded.insert(encoded.begin() + text, chunk.begin(), chunk.end());
  const long before = peak_memory_kb();
  expect_like(decode(encoded, {}), original, 0);
  EXPECT_LT(peak_memory_kb() - before, 50'000);
}

TEST(decode_test, rejects_a_wrong_size_in_the_header) {
  expect_error(jpeg_of_claimed_size(160, 200), image_error::corrupt);
  expect_error(png_of_claimed_size(160, 200), image_error::corrupt);
  expect_error(png_of_claimed_size(160, 119), image_error::corrupt);  // data after the last row
}

TEST(decode_test, rejects_empty_data_and_unknown_formats) {
  expect_error({}, image_error::empty);
  expect_error({0xFF}, image_error::unknown_format);
  expect_error({'G', 'I', 'F', '8', '8', 'a'}, image_error::unknown_format);
  expect_error({'G', 'I', 'F', '8', '9', 'a'}, image_error::corrupt);
  expect_error({'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'A', 'V', 'E'}, image_error::unknown_format);
  bytes noise(1'000'000);
  std::ranges::generate(
      noise, [random = std::minstd_rand(7)]() mutable { return static_cast<std::uint8_t>(random()); });
  expect_error(noise, image_error::unknown_format);
  noise[0] = noise[2] = 0xFF;
  noise[1] = 0xD8;
  expect_error(noise, image_error::corrupt);
}

TEST(decode_test, rejects_unsupported_variants) {
  expect_error(to_jpeg(original, {.scans = 51}), image_error::unsupported);
  bytes twelve_bit = to_jpeg(original);
  twelve_bit[find(twelve_bit, {0xFF, 0xC0}) + 4] = 12;
  expect_error(twelve_bit, image_error::unsupported);
}

class damaged_images_test : public ::testing::TestWithParam<bytes> {};

TEST_P(damaged_images_test, truncated_images_are_corrupt_unless_they_have_all_pixels) {
  const bytes& whole = GetParam();
  const auto expected = decode(whole, {});
  ASSERT_TRUE(expected);
  for (std::size_t length = 12; length < whole.size(); length += 1 + length / 40) {
    const auto decoded = decode(std::span(whole).first(length), {});
    if (decoded) {
      EXPECT_TRUE(decoded->pixels == expected->pixels) << length << " of " << whole.size();
      EXPECT_GE(length + 24, whole.size());
    } else {
      EXPECT_EQ(decoded.error(), image_error::corrupt) << length << " of " << whole.size();
    }
  }
}

TEST_P(damaged_images_test, flipped_bits_do_not_crash) {
  std::minstd_rand random(42);
  for (int round = 0; round < 400; ++round) {
    bytes damaged = GetParam();
    for (int flips = 1 + round % 3; flips > 0; --flips)
      damaged[random() % damaged.size()] ^= 1U << random() % 8;
    const auto decoded = decode(damaged, {});
    if (decoded) {
      EXPECT_EQ(decoded->pixels.size(), static_cast<std::size_t>(decoded->width) * decoded->height * 3);
    } else {
      EXPECT_NE(decoded.error().message(), "");
    }
  }
}

std::string format_name(const ::testing::TestParamInfo<damaged_images_test::ParamType>& info) {
  constexpr std::array names{"jpeg",          "progressive_jpeg", "png", "png_with_alpha", "webp",
                             "lossless_webp", "webp_with_alpha"};
  return names.at(info.index);
}
INSTANTIATE_TEST_SUITE_P(formats, damaged_images_test,
                         ::testing::Values(to_jpeg(original), to_jpeg(original, {.scans = 10}),
                                           to_png(original), to_png(original, {.channels = 4, .alpha = 9}),
                                           to_webp(original, false), to_webp(original, true),
                                           to_webp(original, false, 9)),
                         format_name);

TEST(image_error_test, messages_are_readable) {
  EXPECT_EQ(make_error_code(image_error::unknown_format).message(),
            "the image is neither JPEG, PNG, WebP nor GIF");
  EXPECT_STREQ(make_error_code(image_error::corrupt).category().name(), "image");
}

}  // namespace
}  // namespace emostream::vision
