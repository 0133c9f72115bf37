#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "vision/difference.hpp"
#include "vision/files.hpp"
#include "vision/image/alignment.hpp"
#include "vision/image/image.hpp"

// The server's crops beside those of training/framing.py, which drew the pictures: faces of 16 to 250 pixels,
// turned by up to 30° and shifted by parts of a pixel.
namespace emostream::vision {
namespace {

namespace json = boost::json;
using testing::mean_difference;

struct drawn {
  std::string name;
  image picture;
  point left;
  point right;
  std::vector<float> reference;  ///< what the training's own code cut out of the picture
};

struct fixture {
  framing eyes;
  int size = 0;
  std::vector<float> original;  ///< the training frame that was drawn
  std::vector<drawn> cases;
};

point to_point(const json::value& xy) {
  return {xy.at(0).to_number<float>(), xy.at(1).to_number<float>()};
}

fixture load() {
  const auto folder = testing::source_dir() / "tests/unit/vision/expression/framing";
  const auto text = testing::read(folder / "cases.json");
  const auto listed = json::parse(std::string(text.begin(), text.end()));
  fixture f{{to_point(listed.at("left_eye")), to_point(listed.at("right_eye"))},
            listed.at("size").to_number<int>(),
            {},
            {}};
  const auto frames = decode(testing::read(folder / "frames.png"), {}).value();
  const auto pixels = static_cast<std::size_t>(f.size) * static_cast<std::size_t>(f.size);
  const auto frame = [&](std::size_t index) {
    std::vector<float> gray(pixels);
    for (std::size_t i = 0; i < pixels; ++i) gray[i] = frames.pixels[(index * pixels + i) * 3];
    return gray;
  };
  f.original = frame(0);
  for (const auto& c : listed.at("cases").as_array()) {
    const auto name = json::value_to<std::string>(c.at("file"));
    f.cases.push_back({name, decode(testing::read(folder / name), {}).value(), to_point(c.at("left_eye")),
                       to_point(c.at("right_eye")), frame(f.cases.size() + 1)});
  }
  return f;
}

const fixture& made() {
  static const fixture f = load();
  return f;
}

std::vector<float> cut(const drawn& from, point left, point right) {
  const int size = made().size;
  std::vector<float> crop(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  cut_gray(from.picture, align_eyes(made().eyes, size, left, right), size, crop);
  return crop;
}

constexpr double like_the_reference = 1;  // a quarter of it is the rounding of its pixels
constexpr double like_the_frame = 5;      // drawing it cost some 3.5 of these

TEST(Framing, CropsAreThoseOfTheTrainingsOwnCode) {
  ASSERT_GE(made().cases.size(), 8U);
  for (const drawn& c : made().cases)
    EXPECT_LT(mean_difference(cut(c, c.left, c.right), c.reference), like_the_reference) << c.name;
}

TEST(Framing, AFaceThatWasDrawnComesBack) {
  std::size_t large = 0;
  for (const drawn& c : made().cases) {
    if (c.picture.width < made().size) continue;  // fewer pixels than the frame: they cannot come back
    ++large;
    EXPECT_LT(mean_difference(cut(c, c.left, c.right), made().original), like_the_frame) << c.name;
  }
  EXPECT_GE(large, 5U);
}

/// The comparison sees what it has to: a crop that is a pixel of the frame off.
TEST(Framing, OnePixelAsideIsAnotherCrop) {
  for (const drawn& c : made().cases) {
    const float step = std::hypot(c.right.x - c.left.x, c.right.y - c.left.y) /
                       ((made().eyes.right_eye.x - made().eyes.left_eye.x) * static_cast<float>(made().size));
    const auto aside = cut(c, {c.left.x + step, c.left.y}, {c.right.x + step, c.right.y});
    EXPECT_GT(mean_difference(aside, c.reference), 2 * like_the_reference) << c.name;
  }
}

}  // namespace
}  // namespace emostream::vision
