#include <algorithm>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>

#include "vision/encode.hpp"
#include "vision/expression/classifier.hpp"
#include "vision/files.hpp"
#include "vision/shipped_models.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using ::testing::ElementsAreArray;
using ::testing::FloatNear;
using ::testing::Pointwise;
using ::testing::SizeIs;

const analyzer& models() {
  static const analyzer a([] {
    analyzer_options options = testing::shipped_models();
    options.limits.max_pixels = 1'000'000;
    return options;
  }());
  return a;
}

const classifier& network() {
  static const classifier c(testing::classifier_model());
  return c;
}

/// A gray level for each pixel.
std::uint8_t texture(int x, int y) {
  return static_cast<std::uint8_t>(100 + (x * 7 + y * 3 + x * y) % 100);
}

/// An image with this texture, each of its pixels enlarged by the factor `enlarged`.
image textured(int width, int height, int enlarged = 1) {
  image i{width * enlarged, height * enlarged, {}};
  for (int y = 0; y < i.height; ++y) {
    for (int x = 0; x < i.width; ++x) i.pixels.insert(i.pixels.end(), 3, texture(x / enlarged, y / enlarged));
  }
  return i;
}

label_scores classify(const bytes& encoded) {
  const auto result = models().analyze_crop(encoded);
  return result && result->faces.size() == 1 ? result->faces[0].reading.value().probabilities
                                             : label_scores{};
}

/// The result of the classifier alone for a crop whose pixels are given by a function.
template <class Pixel>
label_scores expected(Pixel pixel) {
  std::vector<float> crop;
  for (int y = 0; y < network().side(); ++y) {
    for (int x = 0; x < network().side(); ++x) crop.push_back(static_cast<float>(pixel(x, y)));
  }
  return network().classify(1, crop).faces.at(0).probabilities;
}

TEST(analyze_crop_test, an_image_of_the_crop_size_is_used_unchanged) {
  const int size = network().side();
  const auto unchanged = expected(texture);
  const auto crop_sized = textured(size, size);
  EXPECT_THAT(classify(testing::to_png(crop_sized, {.channels = 1})), ElementsAreArray(unchanged));
  EXPECT_THAT(classify(testing::to_png(crop_sized)), ElementsAreArray(unchanged));
  EXPECT_THAT(classify(testing::to_webp(crop_sized, /*lossless=*/true)), ElementsAreArray(unchanged));
  EXPECT_THAT(classify(testing::to_jpeg(crop_sized, {.components = 1})), SizeIs(unchanged.size()));
}

TEST(analyze_crop_test, a_larger_image_is_reduced) {
  const int size = network().side();
  EXPECT_THAT(classify(testing::to_png(textured(size, size, 4), {.channels = 1})),
              Pointwise(FloatNear(1e-4F), expected(texture)));
}

TEST(analyze_crop_test, the_shorter_side_is_centred_and_its_edge_pixels_are_repeated) {
  const int size = network().side();
  const int narrow = size / 2;
  const int left = size / 4;
  const auto wanted = expected([&](int x, int y) { return texture(std::clamp(x - left, 0, narrow - 1), y); });
  EXPECT_THAT(classify(testing::to_png(textured(narrow, size))), Pointwise(FloatNear(1e-4F), wanted));
}

TEST(analyze_crop_test, the_face_is_the_whole_image) {
  const auto result = models().analyze_crop(testing::to_png(textured(90, 100)));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->width, 90);
  EXPECT_EQ(result->height, 100);
  ASSERT_EQ(result->faces.size(), 1U);
  const face& f = result->faces[0];
  ASSERT_TRUE(f.reading);
  EXPECT_EQ(f.reading->probabilities.size(), models().labels().size());
  EXPECT_EQ(f.box.width, 90);
  EXPECT_EQ(f.box.height, 100);
  EXPECT_EQ(result->times.detect, 0);
}

TEST(analyze_crop_test, accepts_tiny_images) {
  for (const int side : {1, 2, 16, 31})
    EXPECT_EQ(classify(testing::to_png(textured(side, side))).size(), models().labels().size()) << side;
}

TEST(analyze_crop_test, rejects_invalid_images) {
  EXPECT_EQ(models().analyze_crop({}).error(), image_error::empty);
  EXPECT_EQ(models().analyze_crop(bytes{1, 2, 3}).error(), image_error::unknown_format);
  EXPECT_EQ(models().analyze_crop(testing::to_png(textured(1001, 1000))).error(),
            image_error::too_many_pixels);
}

}  // namespace
}  // namespace emostream::vision
