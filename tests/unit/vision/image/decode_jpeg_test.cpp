#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;
using testing::to_jpeg;

const image original = gradient(160, 120);
const bytes plain = to_jpeg(original);
const bytes progressive = to_jpeg(original, {.progressive = true});
const bytes with_restarts = to_jpeg(original, {.restart_interval = 5});

bytes joined(std::initializer_list<bytes> parts) {
  bytes all;
  for (const bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

constexpr std::uint8_t start_of_scan = 0xDA;
constexpr std::uint8_t end_of_image = 0xD9;

bool is_restart(std::uint8_t marker) {
  return marker >= 0xD0 && marker <= 0xD7;
}

/// The positions of the markers after the start of the image.
std::vector<std::size_t> markers_of(const bytes& jpeg) {
  std::vector<std::size_t> positions;
  for (std::size_t at = 2; at + 1 < jpeg.size();) {
    if (jpeg[at] != 0xFF || jpeg[at + 1] == 0) {
      ++at;
      continue;
    }
    positions.push_back(at);
    const bool has_length = !is_restart(jpeg[at + 1]) && jpeg[at + 1] != end_of_image;
    at += has_length ? 2 + (std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3]) : 2;
  }
  return positions;
}

/// The position of the last marker of this kind.
std::size_t last_marker(const bytes& jpeg, std::uint8_t kind) {
  std::size_t found = 0;
  for (const auto at : markers_of(jpeg))
    if (jpeg[at + 1] == kind) found = at;
  return found;
}

bytes inserted(bytes into, std::size_t at, const bytes& what) {
  into.insert(into.begin() + static_cast<std::ptrdiff_t>(at), what.begin(), what.end());
  return into;
}

/// Inserts bytes before each marker that the condition is true for.
template <class Condition>
bytes before_markers(bytes jpeg, const bytes& what, Condition condition) {
  auto positions = markers_of(jpeg);
  std::ranges::reverse(positions);
  for (const auto at : positions)
    if (condition(jpeg[at + 1])) jpeg = inserted(std::move(jpeg), at, what);
  return jpeg;
}

bytes first(const bytes& of, std::size_t size) {
  return {of.begin(), of.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// Expects that an image is decoded, to the same pixels as the one that it was made from.
void expect_same(const bytes& changed, const bytes& from) {
  const auto decoded = decode(changed, {});
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(decoded->pixels == decode(from, {})->pixels);
}

void expect_corrupt(const bytes& encoded) {
  const auto decoded = decode(encoded, {});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), image_error::corrupt);
}

const std::initializer_list<bytes> padding{{0},          {0, 0, 0},    {0xFF, 0}, {0xFF, 0, 0xFF, 0},
                                           {0xFF, 0xFF}, bytes(500, 0)};

TEST(decode_jpeg_test, accepts_padding_before_restart_markers) {
  for (const bytes& extra : padding)
    expect_same(before_markers(with_restarts, extra, is_restart), with_restarts);
}

TEST(decode_jpeg_test, accepts_padding_before_the_end) {
  const auto is_end = [](std::uint8_t marker) { return marker == end_of_image; };
  for (const bytes& from : {plain, progressive, with_restarts})
    for (const bytes& extra : padding) expect_same(before_markers(from, extra, is_end), from);
}

TEST(decode_jpeg_test, accepts_a_few_other_bytes_before_a_marker) {
  const bytes extra{0x5A, 0x13, 7};
  expect_same(before_markers(plain, extra, [](std::uint8_t marker) { return marker == end_of_image; }),
              plain);
  const bytes once = inserted(with_restarts, last_marker(with_restarts, 0xD3), extra);
  expect_same(once, with_restarts);
}

TEST(decode_jpeg_test, accepts_more_of_them_before_restart_markers) {
  // Some webcams damage single intervals: the decoder has all their blocks before all their data.
  for (const std::uint8_t restart : {0xD1, 0xD5})
    expect_same(inserted(with_restarts, last_marker(with_restarts, restart), bytes(64, 0x5A)), with_restarts);
}

TEST(decode_jpeg_test, accepts_bytes_between_the_parts_of_the_header) {
  const auto is_header = [](std::uint8_t marker) { return !is_restart(marker) && marker != end_of_image; };
  for (const bytes& extra : {bytes{0}, bytes{1, 2, 3}, bytes(700, 0x20)})
    expect_same(before_markers(plain, extra, is_header), plain);
}

TEST(decode_jpeg_test, accepts_an_image_without_its_end) {
  for (const bytes& from : {plain, progressive, with_restarts, to_jpeg(original, {.components = 1})}) {
    const bytes cut = first(from, from.size() - 2);
    expect_same(cut, from);
    expect_same(joined({cut, {0xFF}}), from);
    expect_same(joined({cut, bytes(64, 0)}), from);
  }
}

TEST(decode_jpeg_test, accepts_anything_after_the_end) {
  const bytes text{'t', 'r', 'a', 'i', 'l', 'e', 'r'};
  for (const bytes& from : {plain, progressive, with_restarts})
    for (const bytes& trailer : {text, bytes(1000, 0), from, bytes{0xFF, start_of_scan}})
      expect_same(joined({from, trailer}), from);
}

TEST(decode_jpeg_test, ignores_what_follows_a_single_scan_without_an_end) {
  // A camera has sent two frames as one, without the end of the first.
  expect_same(joined({first(plain, plain.size() - 2), plain}), plain);
}

TEST(decode_jpeg_test, accepts_unknown_versions_and_colour_transforms) {
  bytes version = plain;
  ASSERT_EQ(version[6], 'J');
  version[11] = 9;
  expect_same(version, plain);
  constexpr std::ptrdiff_t jfif_end = 20;
  for (const std::uint8_t transform : {2, 7, 255}) {
    const bytes adobe{0xFF, 0xD8, 0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform};
    expect_same(joined({adobe, {plain.begin() + jfif_end, plain.end()}}), plain);
  }
}

TEST(decode_jpeg_test, accepts_parameters_of_progressive_scans_in_others) {
  bytes encoded = plain;
  const std::size_t scan = last_marker(encoded, start_of_scan);
  encoded[scan + 12] = 0;  // the last coefficient; 63 is the only valid value
  expect_same(encoded, plain);
}

TEST(decode_jpeg_test, uses_the_standard_tables_if_there_are_none) {
  // As in frames of Motion JPEG.
  bytes encoded = plain;
  for (std::size_t at = last_marker(encoded, 0xC4); at != 0; at = last_marker(encoded, 0xC4)) {
    const auto begin = encoded.begin() + static_cast<std::ptrdiff_t>(at);
    encoded.erase(begin, begin + 2 + (encoded[at + 2] << 8 | encoded[at + 3]));
  }
  expect_same(encoded, plain);
}

TEST(decode_jpeg_test, rejects_images_without_their_last_scan) {
  expect_corrupt(first(progressive, last_marker(progressive, start_of_scan)));
  expect_corrupt(first(progressive, last_marker(progressive, start_of_scan) + 3));
}

TEST(decode_jpeg_test, rejects_images_without_a_restart_interval) {
  const std::size_t third = last_marker(with_restarts, 0xD2);
  const std::size_t fourth = last_marker(with_restarts, 0xD3);
  bytes missing = with_restarts;
  missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(third),
                missing.begin() + static_cast<std::ptrdiff_t>(fourth));
  expect_corrupt(missing);
  expect_corrupt(first(with_restarts, fourth));
}

TEST(decode_jpeg_test, rejects_data_that_were_not_decoded) {
  // A row of blocks more than the header has.
  bytes shorter = plain;
  const std::size_t header = last_marker(shorter, 0xC0);
  ASSERT_EQ(shorter[header + 6], 120);
  shorter[header + 6] = 96;
  expect_corrupt(shorter);
  for (const std::uint8_t restart : {0xD1, 0xD5})
    expect_corrupt(inserted(with_restarts, last_marker(with_restarts, restart), bytes(65, 0x5A)));
}

}  // namespace
}  // namespace emostream::vision
