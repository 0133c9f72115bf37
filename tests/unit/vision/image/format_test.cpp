#include "vision/image/format.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;

image_format format_of_text(std::string_view text) {
  return format_of({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(format_test, is_recognized_by_the_first_bytes) {
  EXPECT_EQ(format_of(testing::to_jpeg(gradient(40, 40))), image_format::jpeg);
  EXPECT_EQ(format_of(testing::to_png(gradient(40, 40))), image_format::png);
  EXPECT_EQ(format_of(testing::to_webp(gradient(40, 40), true)), image_format::webp);
  EXPECT_EQ(format_of_text("GIF87a"), image_format::gif);
  EXPECT_EQ(format_of_text("GIF89a"), image_format::gif);
  for (const std::string_view text :
       {"", "\xFF", "\x89PNG", "RIFF", "RIFF1234", "RIFF1234WAVE", "GIF", "BM", "<svg"})
    EXPECT_EQ(format_of_text(text), image_format::unknown) << text;
}

/// A file that begins like one in the ISO base media file format, with these brands.
bytes with_brands(std::string_view brands) {
  bytes file{0, 0, 0, static_cast<std::uint8_t>(8 + brands.size()), 'f', 't', 'y', 'p'};
  file.insert(file.end(), brands.begin(), brands.end());
  file.resize(file.size() + 100);
  return file;
}

TEST(format_test, avif_and_heic_are_recognized_by_their_brands) {
  EXPECT_EQ(format_of(with_brands("avif....mif1miafavif")), image_format::avif);
  EXPECT_EQ(format_of(with_brands("mif1....miafavis")), image_format::avif);
  EXPECT_EQ(format_of(with_brands("heic....mif1heic")), image_format::heic);
  EXPECT_EQ(format_of(with_brands("mif1....heix")), image_format::heic);
  EXPECT_EQ(format_of(with_brands("isom....mp42")), image_format::unknown);
  EXPECT_EQ(format_of(with_brands("")), image_format::unknown);
  EXPECT_EQ(format_of(bytes{0, 0, 0, 4, 'f', 't', 'y', 'p', 'a', 'v', 'i', 'f'}), image_format::unknown);
  EXPECT_EQ(format_of(bytes{0, 0, 0, 99, 'f', 't', 'y', 'p', 'a', 'v'}), image_format::unknown);
}

TEST(format_test, errors_name_avif_and_heic) {
  const auto avif = decode(with_brands("avif....avif"), {});
  ASSERT_FALSE(avif);
  EXPECT_EQ(avif.error(), image_error::avif);
  EXPECT_TRUE(avif.error().message().starts_with("AVIF"));
  const auto heic = decode(with_brands("heic....heic"), {});
  ASSERT_FALSE(heic);
  EXPECT_EQ(heic.error(), image_error::heic);
  EXPECT_TRUE(heic.error().message().starts_with("HEIC"));
}

}  // namespace
}  // namespace emostream::vision
