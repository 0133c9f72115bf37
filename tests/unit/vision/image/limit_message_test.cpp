#include "vision/image/limit_message.hpp"

#include <gtest/gtest.h>

#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

TEST(limit_message_test, ends_with_the_name_and_the_value_of_the_limit) {
  const image_limits limits{
      .max_bytes = 100,
      .max_pixels = 2000,
      .min_side = 32,
      .max_memory = 30'000,
      .names = {.max_bytes = "a.bytes", .max_pixels = "a.pixels", .max_memory = "a.memory"}};
  EXPECT_EQ(message_with_limit(image_error::too_large, limits),
            "the encoded image is larger than allowed: a.bytes is 100 bytes");
  EXPECT_EQ(message_with_limit(image_error::too_many_pixels, limits),
            "the image has more pixels than allowed: a.pixels is 2000 pixels");
  EXPECT_EQ(message_with_limit(image_error::too_much_memory, limits),
            "decoding the image takes more memory than allowed: a.memory is 30000 bytes");
  EXPECT_EQ(message_with_limit(image_error::too_small, limits),
            "the image is smaller than allowed: each side must have at least 32 pixels");
}

TEST(limit_message_test, says_the_value_of_a_limit_without_a_setting) {
  EXPECT_EQ(message_with_limit(image_error::too_many_pixels, {.max_pixels = 2000}),
            "the image has more pixels than allowed: at most 2000 pixels");
}

TEST(limit_message_test, leaves_other_errors_as_they_are) {
  EXPECT_EQ(message_with_limit(image_error::corrupt, {}), "the image is damaged or incomplete");
  EXPECT_EQ(message_with_limit(std::make_error_code(std::errc::io_error), {}),
            std::make_error_code(std::errc::io_error).message());
}

}  // namespace
}  // namespace emostream::vision
