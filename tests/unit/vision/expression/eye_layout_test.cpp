#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "vision/difference.hpp"
#include "vision/files.hpp"
#include "vision/image/alignment.hpp"
#include "vision/image/crop.hpp"
#include "vision/image/image.hpp"

// Compares the server's crops with those of training/alignment.py, which drew the images: faces of 16 to 250
// pixels, rotated by up to 30° and shifted by fractions of a pixel.
namespace emostream::vision {
namespace {

namespace json = boost::json;
using testing::mean_difference;

struct drawn_face {
  std::string name;
  vision::image image;
  point left;
  point right;
  std::vector<float> reference;  ///< the crop that the training code extracts from the image
};

struct fixture {
  eye_layout eyes;
  int size = 0;
  std::vector<float> original;  ///< the training face that was drawn into the images
  std::vector<drawn_face> cases;
};

point to_point(const json::value& xy) {
  return {xy.at(0).to_number<float>(), xy.at(1).to_number<float>()};
}

fixture load() {
  const auto folder = testing::source_dir() / "tests/unit/vision/expression/eye_layout";
  const auto text = testing::read(folder / "cases.json");
  const auto listed = json::parse(std::string(text.begin(), text.end()));
  fixture f{{to_point(listed.at("left_eye")), to_point(listed.at("right_eye"))},
            listed.at("size").to_number<int>(),
            {},
            {}};
  const auto crops = decode(testing::read(folder / "frames.png"), {}).value();
  const auto pixels = static_cast<std::size_t>(f.size) * static_cast<std::size_t>(f.size);
  const auto crop_at = [&](std::size_t index) {
    std::vector<float> gray(pixels);
    for (std::size_t i = 0; i < pixels; ++i) gray[i] = crops.pixels[(index * pixels + i) * 3];
    return gray;
  };
  f.original = crop_at(0);
  for (const auto& c : listed.at("cases").as_array()) {
    const auto name = json::value_to<std::string>(c.at("file"));
    f.cases.push_back({name, decode(testing::read(folder / name), {}).value(), to_point(c.at("left_eye")),
                       to_point(c.at("right_eye")), crop_at(f.cases.size() + 1)});
  }
  return f;
}

const fixture& fixtures() {
  static const fixture f = load();
  return f;
}

std::vector<float> crop_of(const drawn_face& from, point left, point right) {
  const int size = fixtures().size;
  std::vector<float> crop(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  extract_gray_crop(from.image, align_eyes(fixtures().eyes, size, left, right), size, crop);
  return crop;
}

// Mean absolute differences in gray levels.
constexpr double max_difference_to_reference = 1;  // rounding of the reference accounts for 0.25
constexpr double max_difference_to_original = 5;   // drawing the face accounts for about 3.5

TEST(eye_layout_test, crops_equal_those_of_the_training_code) {
  ASSERT_GE(fixtures().cases.size(), 8U);
  for (const drawn_face& c : fixtures().cases)
    EXPECT_LT(mean_difference(crop_of(c, c.left, c.right), c.reference), max_difference_to_reference)
        << c.name;
}

TEST(eye_layout_test, crops_restore_the_original_face) {
  std::size_t large = 0;
  for (const drawn_face& c : fixtures().cases) {
    if (c.image.width < fixtures().size) continue;  // too few pixels to restore the face
    ++large;
    EXPECT_LT(mean_difference(crop_of(c, c.left, c.right), fixtures().original), max_difference_to_original)
        << c.name;
  }
  EXPECT_GE(large, 5U);
}

/// Checks the sensitivity of the comparison: a crop that is shifted by one pixel fails it.
TEST(eye_layout_test, a_crop_shifted_by_one_pixel_differs) {
  for (const drawn_face& c : fixtures().cases) {
    const float step =
        std::hypot(c.right.x - c.left.x, c.right.y - c.left.y) /
        ((fixtures().eyes.right_eye.x - fixtures().eyes.left_eye.x) * static_cast<float>(fixtures().size));
    const auto shifted = crop_of(c, {c.left.x + step, c.left.y}, {c.right.x + step, c.right.y});
    EXPECT_GT(mean_difference(shifted, c.reference), 2 * max_difference_to_reference) << c.name;
  }
}

}  // namespace
}  // namespace emostream::vision
