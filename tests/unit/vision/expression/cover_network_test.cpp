#include "vision/expression/cover_network.hpp"

#include <cstddef>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "vision/expression/face_quality.hpp"
#include "vision/files.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

constexpr int side = cover_network::side;

const cover_network& network() {
  static const cover_network loaded(testing::source_dir() / "models/cover/model.onnx");
  return loaded;
}

/// A portrait as the classifier gets it.
std::vector<float> portrait() {
  const auto file = testing::source_dir() / "tests/unit/vision/expression/eye_layout/frames.png";
  const auto crops = decode(testing::read(file), {}).value();
  std::vector<float> gray(static_cast<std::size_t>(side) * side);
  for (std::size_t i = 0; i < gray.size(); ++i) gray[i] = crops.pixels[i * 3];
  return gray;
}

/// The portrait behind something: `level` gives the gray level at x, y, or less than 0 where the face is
/// seen.
std::vector<float> portrait_behind(const std::function<float(int x, int y)>& level) {
  auto crop = portrait();
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      if (const float drawn = level(x, y); drawn >= 0)
        crop[static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x)] = drawn;
    }
  }
  return crop;
}

bool is_lower_face(int x, int y) {
  return y >= 28 && x >= 5 && x < 43;
}

TEST(cover_network_test, a_smiling_face_is_not_hidden) {
  const auto hidden = network().judge(portrait());
  EXPECT_LT(hidden.mouth, covered_over);
  EXPECT_LT(hidden.eyes, covered_over);
}

TEST(cover_network_test, masks_of_any_shade_hide_the_mouth) {
  for (const float shade : {20.0F, 90.0F, 220.0F}) {
    const auto hidden =
        network().judge(portrait_behind([&](int x, int y) { return is_lower_face(x, y) ? shade : -1; }));
    EXPECT_GT(hidden.mouth, covered_over) << shade;
    EXPECT_LT(hidden.eyes, covered_over) << shade;
  }
}

TEST(cover_network_test, dark_glasses_hide_the_eyes) {
  const auto hidden = network().judge(portrait_behind([](int x, int y) {
    const bool is_lens = y >= 14 && y < 23 && ((x >= 8 && x < 22) || (x >= 26 && x < 40));
    const bool is_bridge = y >= 16 && y < 18 && x >= 22 && x < 26;
    return is_lens || is_bridge ? 20.0F : -1;
  }));
  EXPECT_GT(hidden.eyes, covered_over);
  EXPECT_LT(hidden.mouth, covered_over);
}

TEST(cover_network_test, something_on_the_forehead_hides_nothing) {
  const auto hidden = network().judge(portrait_behind([](int, int y) { return y < 8 ? 40.0F : -1; }));
  EXPECT_LT(hidden.mouth, covered_over);
  EXPECT_LT(hidden.eyes, covered_over);
}

TEST(cover_network_test, exposure_hardly_matters) {
  auto crop = portrait_behind([](int x, int y) { return is_lower_face(x, y) ? 200.0F : -1; });
  for (float& level : crop) level *= 0.4F;
  EXPECT_GT(network().judge(crop).mouth, covered_over);
}

TEST(cover_network_test, a_file_that_is_no_such_network_is_an_error) {
  EXPECT_THROW(cover_network(testing::source_dir() / "models/cover/README.md"), onnx_model_error);
  EXPECT_THROW(cover_network(testing::classifier_model() / "model.onnx"), onnx_model_error);
}

}  // namespace
}  // namespace emostream::vision
