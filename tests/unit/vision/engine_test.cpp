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
#include "vision/stream.hpp"

namespace emostream::vision {
namespace {

using testing::mean_difference;

const engine& shipped() {
  static const engine e({.detector_model = testing::blazeface("back"),
                         .classifier_model = testing::expression_model(),
                         .limits = {.max_bytes = 10'000'000}});
  return e;
}

/// A JPEG of the portrait, enlarged so many times, in the middle of gray.
testing::bytes photograph(int times, int width, int height) {
  const auto face = decode(testing::read(testing::source_dir() / "tests/media/portrait.jpg"), {});
  image all{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 128)};
  const int left = (width - face->width * times) / 2;
  const int top = (height - face->height * times) / 2;
  for (int y = 0; y < face->height * times; ++y) {
    for (int x = 0; x < face->width * times; ++x) {
      const auto from = static_cast<std::size_t>((y / times * face->width + x / times) * 3);
      const auto to = static_cast<std::size_t>(((y + top) * width + x + left) * 3);
      std::copy_n(&face->pixels[from], 3, &all.pixels[to]);
    }
  }
  return testing::to_jpeg(all);
}

struct answered {
  int reduction = 0;  ///< of the picture in which faces were sought
  std::vector<face> faces;
  std::vector<float> crop;  ///< of the first face
};

/// The way of a frame through the engine; with `known` faces only these are cut out.
answered answer(const testing::bytes& encoded, const std::vector<face>* known = nullptr) {
  const engine& e = shipped();
  workspace work;
  EXPECT_TRUE(decode(encoded, e.options.limits, e.detection_needs(8), work.picture));
  answered a{.reduction = work.picture.reduction, .faces = {}, .crop = {}};
  if (known) {
    a.faces = *known;
  } else {
    e.detect(work.picture, 0.5F, work);
    for (const detection& d : work.found) a.faces.push_back(face_at(d));
  }
  EXPECT_FALSE(e.cut_out(encoded, a.faces, work));
  engine::want_all(work);
  e.classify(a.faces, work);
  if (a.faces.empty()) return a;
  const auto crop = e.crop(work, 0);
  a.crop.assign(crop.begin(), crop.end());
  return a;
}

struct size_case {
  int times, width, height;
};

class ReducedFrames : public ::testing::TestWithParam<size_case> {};

// A JPEG is decoded no larger than it has to be, for finding faces and again for cutting them out; a PNG of
// the same pixels is decoded whole.
TEST_P(ReducedFrames, AreAnsweredAsWholeOnes) {
  const auto [times, width, height] = GetParam();
  const auto jpeg = photograph(times, width, height);
  const answered reduced = answer(jpeg);
  EXPECT_GE(reduced.reduction, 2);
  ASSERT_EQ(reduced.faces.size(), 1U);

  const auto png = testing::to_png(*decode(jpeg, shipped().options.limits));
  const answered whole = answer(png);
  EXPECT_EQ(whole.reduction, 1);
  ASSERT_EQ(whole.faces.size(), 1U);
  EXPECT_GT(overlap(reduced.faces[0].box, whole.faces[0].box), 0.8F);

  const answered same_place = answer(png, &reduced.faces);
  EXPECT_LT(mean_difference(reduced.crop, same_place.crop), 1) << "gray levels";
  EXPECT_LT(
      mean_difference(reduced.faces[0].reading->probabilities, same_place.faces[0].reading->probabilities),
      0.005);
}

std::string name_of(const ::testing::TestParamInfo<size_case>& tested) {
  const auto [times, width, height] = tested.param;
  return "FaceOf" + std::to_string(104 * times) + "In" + std::to_string(width) + "x" + std::to_string(height);
}

INSTANTIATE_TEST_SUITE_P(Engine, ReducedFrames,
                         ::testing::Values(size_case{1, 1280, 720}, size_case{1, 1920, 1080},
                                           size_case{2, 1920, 1080}),
                         name_of);

}  // namespace
}  // namespace emostream::vision
