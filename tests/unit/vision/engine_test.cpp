#include "vision/engine.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vision/difference.hpp"
#include "vision/encode.hpp"
#include "vision/files.hpp"
#include "vision/shipped_models.hpp"

namespace emostream::vision {
namespace {

using testing::mean_difference;

/// The shipped models.
const engine& models() {
  static const engine e([] {
    analyzer_options options = testing::shipped_models();
    options.limits.max_bytes = 10'000'000;
    return options;
  }());
  return e;
}

/// A JPEG of the portrait, enlarged `factor` times, in the centre of a gray image.
testing::bytes enlarged_portrait(int factor, int width, int height) {
  const auto portrait = decode(testing::read(testing::source_dir() / "tests/media/portrait.jpg"), {});
  image all{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 128)};
  const int left = (width - portrait->width * factor) / 2;
  const int top = (height - portrait->height * factor) / 2;
  for (int y = 0; y < portrait->height * factor; ++y) {
    for (int x = 0; x < portrait->width * factor; ++x) {
      const auto from = static_cast<std::size_t>((y / factor * portrait->width + x / factor) * 3);
      const auto to = static_cast<std::size_t>(((y + top) * width + x + left) * 3);
      std::copy_n(&portrait->pixels[from], 3, &all.pixels[to]);
    }
  }
  return testing::to_jpeg(all);
}

struct frame_result {
  int reduction = 0;  ///< of the frame as decoded for detection
  std::vector<face> faces;
  std::vector<float> crop;  ///< of the first face
};

/// Analyzes a frame; given `known` faces, does so without detection.
frame_result analyze(const testing::bytes& encoded, const std::vector<face>* known = nullptr) {
  const engine& e = models();
  workspace work;
  EXPECT_TRUE(e.decode_frame(encoded, e.options.limits, e.decode_options_for_detection(8), work));
  frame_result result{.reduction = work.frame.reduction, .faces = {}, .crop = {}};
  if (known) {
    result.faces = *known;
  } else {
    e.search(work);
    for (const found_face& d : work.detections)
      if (d.confidence >= 0.5F) result.faces.push_back(e.make_face(d));
  }
  e.crop_faces(result.faces, result.faces.size(), work);
  engine::select_all(work);
  e.classify(result.faces, work);
  if (result.faces.empty()) return result;
  const auto crop = e.crop(work, 0);
  result.crop.assign(crop.begin(), crop.end());
  return result;
}

struct size_case {
  int factor, width, height;
};

class reduced_frames_test : public ::testing::TestWithParam<size_case> {};

// A JPEG is decoded at a reduced size for detection, and again, larger, for the crops; a PNG with the same
// pixels is decoded once, at its full size.
TEST_P(reduced_frames_test, give_the_same_results_as_full_size_frames) {
  const auto [factor, width, height] = GetParam();
  const auto jpeg = enlarged_portrait(factor, width, height);
  const frame_result reduced = analyze(jpeg);
  EXPECT_GE(reduced.reduction, 2);
  ASSERT_EQ(reduced.faces.size(), 1U);

  const auto png = testing::to_png(*decode(jpeg, models().options.limits));
  const frame_result full = analyze(png);
  EXPECT_EQ(full.reduction, 1);
  ASSERT_EQ(full.faces.size(), 1U);
  EXPECT_GT(iou(reduced.faces[0].box, full.faces[0].box), 0.8F);

  const frame_result same_faces = analyze(png, &reduced.faces);
  EXPECT_LT(mean_difference(reduced.crop, same_faces.crop), 1) << "gray levels";
  EXPECT_LT(
      mean_difference(reduced.faces[0].reading->probabilities, same_faces.faces[0].reading->probabilities),
      0.005);
}

std::string name_of(const ::testing::TestParamInfo<size_case>& tested) {
  const auto [factor, width, height] = tested.param;
  return "FaceOf" + std::to_string(104 * factor) + "In" + std::to_string(width) + "x" +
         std::to_string(height);
}

INSTANTIATE_TEST_SUITE_P(engine, reduced_frames_test,
                         ::testing::Values(size_case{1, 1280, 720}, size_case{1, 1920, 1080},
                                           size_case{2, 1920, 1080}),
                         name_of);

}  // namespace
}  // namespace emostream::vision
