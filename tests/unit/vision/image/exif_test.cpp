#include "vision/image/exif.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/oriented.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::exif_block;
using testing::gradient;
using testing::with_exif;

const bytes jpeg = testing::to_jpeg(gradient(40, 32));
const bytes png = testing::to_png(gradient(40, 32));
const bytes webp = testing::to_webp(gradient(40, 32), true);

int found_in(const bytes& encoded) {
  return find_orientation(encoded).value();
}

/// The orientation of a JPEG with this block.
int found_with(const bytes& block) {
  return found_in(with_exif(jpeg, block));
}

TEST(exif_test, finds_the_orientation_in_all_formats_and_byte_orders) {
  for (const bytes& encoded : {jpeg, png, webp})
    for (int value = 1; value <= 8; ++value)
      for (const bool little_endian : {false, true})
        EXPECT_EQ(found_in(with_exif(encoded, exif_block(value, little_endian))), value);
}

TEST(exif_test, images_without_it_are_upright) {
  for (const bytes& encoded : {jpeg, png, webp}) EXPECT_EQ(found_in(encoded), 1);
  EXPECT_EQ(found_in({}), 1);
  EXPECT_EQ(found_in({1, 2, 3}), 1);
}

TEST(exif_test, finds_it_after_the_pixels_of_a_png) {
  const bytes before = with_exif(png, exif_block(6));
  const std::size_t size = before.size() - png.size();
  bytes after = png;
  const auto chunk = before.begin() + 33;
  after.insert(after.end() - 12, chunk, chunk + static_cast<std::ptrdiff_t>(size));
  EXPECT_EQ(found_in(after), 6);
}

TEST(exif_test, finds_it_after_other_segments_of_a_jpeg) {
  // XMP is in the same kind of segment; before and after it are bytes that cameras add.
  const bytes xmp{0xFF, 0xD8, 0, 0xFF, 0xFF, 0xE1, 0, 8, 'h', 't', 't', 'p', ':', 0, 0, 7};
  bytes encoded = with_exif(jpeg, exif_block(8));
  encoded.erase(encoded.begin(), encoded.begin() + 2);
  encoded.insert(encoded.begin(), xmp.begin(), xmp.end());
  EXPECT_EQ(found_in(encoded), 8);
}

TEST(exif_test, accepts_the_prefix_of_jpegs_in_other_formats) {
  bytes block{'E', 'x', 'i', 'f', 0, 0};
  const bytes tiff = exif_block(3);
  block.insert(block.end(), tiff.begin(), tiff.end());
  EXPECT_EQ(found_in(with_exif(png, block)), 3);
  EXPECT_EQ(found_in(with_exif(webp, block)), 3);
}

TEST(exif_test, unknown_values_are_upright) {
  for (const int value : {0, 9, 255, 65'535}) EXPECT_EQ(found_with(exif_block(value)), 1);
}

TEST(exif_test, the_value_must_be_one_short_number) {
  constexpr std::size_t entry = 8 + 2 + 12;  // the second one
  bytes block = exif_block(6);
  block[entry + 3] = 4;  // a long number
  EXPECT_EQ(found_with(block), 1);
  block = exif_block(6);
  block[entry + 7] = 2;  // two of them
  EXPECT_EQ(found_with(block), 1);
}

TEST(exif_test, damaged_blocks_are_upright) {
  bytes block = exif_block(6);
  block[0] = 'X';
  EXPECT_EQ(found_with(block), 1);
  block = exif_block(6);
  block[3] = 43;  // the version
  EXPECT_EQ(found_with(block), 1);
  for (const int position : {0, 30, 36, 37, 255}) {
    block = exif_block(6);
    block[7] = static_cast<std::uint8_t>(position);  // of the directory
    EXPECT_EQ(found_with(block), 1) << position;
  }
}

TEST(exif_test, cut_off_blocks_are_upright) {
  const bytes block = exif_block(6);
  constexpr std::size_t value_end = 8 + 2 + 2 * 12;
  for (std::size_t size = 0; size < block.size(); ++size)
    EXPECT_EQ(found_with({block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size)}),
              size < value_end ? 1 : 6)
        << size;
}

TEST(exif_test, damaged_files_are_read_within_their_bounds) {
  std::minstd_rand random(11);
  for (const bytes& encoded : {jpeg, png, webp}) {
    const bytes whole = with_exif(encoded, exif_block(5, true));
    for (std::size_t size = 0; size < whole.size(); ++size)
      (void)find_orientation(std::span(whole).first(size));
    for (int round = 0; round < 2000; ++round) {
      bytes damaged = whole;
      for (int i = 0; i < 3; ++i)
        damaged[random() % std::min<std::size_t>(damaged.size(), 120)] =
            static_cast<std::uint8_t>(random() >> 8);
      const int value = found_in(damaged);
      EXPECT_TRUE(value >= 1 && value <= 8);
    }
  }
}

}  // namespace
}  // namespace emostream::vision
