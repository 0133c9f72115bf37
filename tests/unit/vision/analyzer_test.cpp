#include "vision/analyzer.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>

#include "vision/encode.hpp"
#include "vision/files.hpp"
#include "vision/oriented.hpp"
#include "vision/shipped_models.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::shipped_analyzer;
using testing::shipped_models;

bytes portrait() {
  return testing::read(testing::source_dir() / "tests/media/portrait.jpg");
}

std::size_t label_index(const analyzer& of, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(of.labels(), name) - of.labels().begin());
}

/// Several portraits side by side, each smaller than the one before.
image row_of_portraits(int count) {
  const auto one = decode(portrait(), {});
  image row{0, 400, {}};
  std::vector<image> parts;
  for (int i = 0; i < count; ++i) {
    const int reduce = 100 + 12 * i;  // percent
    image part{240 * 100 / reduce, 400, {}};
    for (int y = 0; y < part.height; ++y) {
      for (int x = 0; x < part.width; ++x) {
        const int from_x = std::min(105 + x * reduce / 100, one->width - 1);
        const int from_y = std::min(y * reduce / 100, one->height - 1);
        const auto at = static_cast<std::size_t>((from_y * one->width + from_x) * 3);
        part.pixels.insert(part.pixels.end(), &one->pixels[at], &one->pixels[at] + 3);
      }
    }
    row.width += part.width;
    parts.push_back(std::move(part));
  }
  for (int y = 0; y < row.height; ++y) {
    for (const image& part : parts) {
      const auto* begin = part.pixels.data() + static_cast<std::ptrdiff_t>(y) * part.width * 3;
      row.pixels.insert(row.pixels.end(), begin, begin + static_cast<std::ptrdiff_t>(part.width) * 3);
    }
  }
  return row;
}

TEST(analyzer_test, the_portrait_is_one_happy_face) {
  const auto found = shipped_analyzer().analyze(portrait(), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->width, 512);
  EXPECT_EQ(found->height, 512);
  ASSERT_EQ(found->faces.size(), 1U);
  const face& f = found->faces[0];
  EXPECT_GT(f.confidence, 0.7F);
  EXPECT_GT(iou(f.box, {173, 75, 104, 104}), 0.8F);
  ASSERT_TRUE(f.landmarks && f.pose);
  EXPECT_NEAR((*f.landmarks)[left_eye].x, 203, 5);
  EXPECT_NEAR((*f.landmarks)[left_eye].y, 103, 5);
  EXPECT_NEAR((*f.landmarks)[right_eye].x, 248, 5);
  EXPECT_NEAR((*f.landmarks)[right_eye].y, 103, 5);
  EXPECT_NEAR((*f.landmarks)[mouth].y, 149, 6);
  EXPECT_NEAR(f.pose->yaw, 0, 10);
  EXPECT_NEAR(f.pose->roll, 0, 5);
  EXPECT_THAT(f.quality.flags, ::testing::IsEmpty());
  ASSERT_TRUE(f.reading);
  ASSERT_EQ(f.reading->probabilities.size(), shipped_analyzer().labels().size());
  EXPECT_NEAR(std::accumulate(f.reading->probabilities.begin(), f.reading->probabilities.end(), 0.0F), 1,
              1e-5);
  EXPECT_GT(f.reading->probabilities[label_index(shipped_analyzer(), "happiness")], 0.6F);
  EXPECT_GT(f.reading->valence, 0.3F);
  EXPECT_GT(found->times.decode, 0);
  EXPECT_GT(found->times.detect, 0);
  EXPECT_GT(found->times.classify, 0);
}

TEST(analyzer_test, results_are_independent_of_the_format_and_of_mirroring) {
  const auto original = decode(portrait(), {});
  image mirrored = *original;
  for (int y = 0; y < mirrored.height; ++y) {
    for (int x = 0; x < mirrored.width; ++x) {
      const auto to = static_cast<std::size_t>((y * mirrored.width + x) * 3);
      const auto from = static_cast<std::size_t>((y * mirrored.width + mirrored.width - 1 - x) * 3);
      std::copy_n(&original->pixels[from], 3, &mirrored.pixels[to]);
    }
  }
  for (const auto& encoded :
       {testing::to_png(mirrored, {.channels = 4}), testing::to_webp(mirrored, false)}) {
    const auto found = shipped_analyzer().analyze(encoded, {});
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_EQ(found->faces.size(), 1U);
    EXPECT_NEAR((*found->faces[0].landmarks)[left_eye].x, 512 - 248, 6);
    EXPECT_GT(found->faces[0].reading->probabilities[label_index(shipped_analyzer(), "happiness")], 0.6F);
  }
}

TEST(analyzer_test, faces_are_where_they_are_in_the_upright_picture) {
  const image upright = row_of_portraits(2);
  const auto expected = shipped_analyzer().analyze(testing::to_jpeg(upright), {});
  ASSERT_EQ(expected->faces.size(), 2U);
  for (int value = 1; value <= 8; ++value) {
    const auto encoded =
        testing::with_exif(testing::to_jpeg(testing::stored(upright, value)), testing::exif_block(value));
    const auto found = shipped_analyzer().analyze(encoded, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->width, upright.width);
    EXPECT_EQ(found->height, upright.height);
    ASSERT_EQ(found->faces.size(), 2U) << value;
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_GT(iou(found->faces[i].box, expected->faces[i].box), 0.9F) << value;
      for (std::size_t p = 0; p < keypoint_count; ++p) {
        EXPECT_NEAR((*found->faces[i].landmarks)[p].x, (*expected->faces[i].landmarks)[p].x, 4) << value;
        EXPECT_NEAR((*found->faces[i].landmarks)[p].y, (*expected->faces[i].landmarks)[p].y, 4) << value;
      }
      EXPECT_EQ(dominant_label(*found->faces[i].reading), dominant_label(*expected->faces[i].reading));
    }
    const auto raw = shipped_analyzer().analyze(encoded, {.upright = false});
    EXPECT_EQ(raw->width, value < 5 ? upright.width : upright.height);
  }
}

TEST(analyzer_test, faces_are_sorted_by_size_and_all_are_classified) {
  auto few = shipped_models();
  few.max_classified = 2;
  const analyzer a(few);
  const auto row = testing::to_jpeg(row_of_portraits(4));
  const auto found = a.analyze(row, {});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->faces.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const face& f = found->faces[i];
    if (i > 0) {
      EXPECT_LE(f.box.area(), found->faces[i - 1].box.area());
    }
    EXPECT_TRUE(f.reading);
    EXPECT_GT(f.quality.size_px, 0);
    EXPECT_GT(f.quality.blur, 0);
  }

  const auto three = a.analyze(row, {.max_faces = 3});
  ASSERT_EQ(three->faces.size(), 3U);
  EXPECT_FLOAT_EQ(three->faces[2].box.x, found->faces[2].box.x);
}

TEST(analyzer_test, a_frame_can_raise_the_minimum_confidence) {
  EXPECT_EQ(shipped_analyzer().analyze(portrait(), {.min_confidence = 0.9F})->faces.size(), 1U);
  EXPECT_TRUE(shipped_analyzer().analyze(portrait(), {.min_confidence = 1.0F})->faces.empty());
}

TEST(analyzer_test, accepts_images_without_faces) {
  const auto found = shipped_analyzer().analyze(testing::to_jpeg(testing::gradient(640, 480)), {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->faces.empty());
  EXPECT_TRUE(shipped_analyzer().analyze(testing::to_png(testing::gradient(32, 32)), {}));
  EXPECT_TRUE(shipped_analyzer().analyze(testing::to_png(testing::gradient(1800, 32)), {}));
}

TEST(analyzer_test, rejects_invalid_images) {
  EXPECT_EQ(shipped_analyzer().analyze({}, {}).error(), image_error::empty);
  EXPECT_EQ(shipped_analyzer().analyze(bytes{1, 2, 3}, {}).error(), image_error::unknown_format);
  auto tight = shipped_models();
  tight.limits.max_pixels = 10'000;
  EXPECT_EQ(analyzer(tight).analyze(portrait(), {}).error(), image_error::too_many_pixels);
}

TEST(analyzer_test, photographs_are_analyzed_at_a_reduced_scale) {
  auto reducing = shipped_models();
  reducing.limits.max_decoded_pixels = 512 * 512 / 4;
  const analyzer a(reducing);
  const auto expected = shipped_analyzer().analyze(portrait(), {})->faces.at(0);
  for (const bytes& encoded : {portrait(), testing::to_png(*decode(portrait(), {}))}) {
    const auto found = a.analyze(encoded, {});
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->width, 512);
    EXPECT_EQ(found->height, 512);
    ASSERT_EQ(found->faces.size(), 1U);
    EXPECT_GT(iou(found->faces[0].box, expected.box), 0.9F);
    EXPECT_EQ(dominant_label(*found->faces[0].reading), dominant_label(*expected.reading));
  }
}

TEST(analyzer_test, the_front_model_finds_near_faces) {
  analyzer_options options = shipped_models();
  options.detector_model = testing::blazeface("front");
  const analyzer front(options);
  EXPECT_EQ(front.detector_name(), "blazeface-front-128");
  EXPECT_EQ(shipped_analyzer().detector_name(), "blazeface-back-256");
  EXPECT_EQ(front.analyze(portrait(), {})->faces.size(), 1U);
}

TEST(analyzer_test, rejects_a_network_that_is_not_a_detector) {
  auto wrong = shipped_models();
  wrong.detector_model = testing::classifier_model() / "model.onnx";
  EXPECT_THAT([&] { analyzer{wrong}; },
              ::testing::ThrowsMessage<std::runtime_error>(::testing::HasSubstr("not a BlazeFace")));
}

std::filesystem::path test_model(const std::string& name) {
  return testing::source_dir() / "tests/models" / name;
}

/// A colour model with other labels and affect outputs, aligned by the box.
TEST(analyzer_test, supports_other_classifiers) {
  auto other = shipped_models();
  other.classifier_model = test_model("colours");
  const analyzer a(other);
  EXPECT_EQ(a.classifier_name(), "colours");
  EXPECT_EQ(a.labels().front(), "angry");
  const auto found = a.analyze(portrait(), {});
  ASSERT_EQ(found->faces.size(), 1U);
  const face& f = found->faces[0];
  ASSERT_EQ(f.reading->probabilities.size(), 7U);
  EXPECT_NEAR(std::accumulate(f.reading->probabilities.begin(), f.reading->probabilities.end(), 0.0F), 1,
              1e-5);
  EXPECT_GT(f.reading->arousal, 0.1F);  // this network computes it from the excess of red over blue
  // The quality does not depend on the classifier's format.
  const auto reference = shipped_analyzer().analyze(portrait(), {})->faces.at(0).quality;
  EXPECT_NEAR(f.quality.brightness, reference.brightness, 0.1);
  EXPECT_NEAR(f.quality.blur / reference.blur, 1, 0.5);
  EXPECT_THAT(f.quality.flags, ::testing::IsEmpty());
}

image red_quarter(int width, int height) {
  image i{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool red = x >= width / 2 && y >= height / 2;
      i.pixels.insert(i.pixels.end(),
                      {static_cast<std::uint8_t>(red ? 250 : 120), static_cast<std::uint8_t>(red ? 20 : 120),
                       static_cast<std::uint8_t>(red ? 20 : 120)});
    }
  }
  return i;
}

/// Without landmarks, faces are aligned by the box, or by typical eye positions in it.
TEST(analyzer_test, a_detector_without_landmarks_works_with_either_alignment) {
  const auto encoded = testing::to_png(red_quarter(640, 480));
  for (const auto& model : {testing::classifier_model(), test_model("columns"), test_model("colours")}) {
    const analyzer a({.detector_model = test_model("quadrants"),
                      .classifier_model = model,
                      .face_mesh = testing::face_mesh_folder(),
                      .cover_model = testing::cover_model(),
                      .limits = {}});
    EXPECT_EQ(a.detector_name(), "quadrants");
    const auto found = a.analyze(encoded, {});
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_EQ(found->faces.size(), 1U);
    const face& f = found->faces[0];
    EXPECT_NEAR(f.box.x, 384, 0.1);
    EXPECT_NEAR(f.box.height, 144, 0.1);
    EXPECT_FALSE(f.landmarks);
    EXPECT_FALSE(f.pose);
    ASSERT_TRUE(f.reading);
    EXPECT_THAT(f.quality.flags, ::testing::Not(::testing::Contains("side_view")));
    const std::size_t top = dominant_label(*f.reading);
    if (model == test_model("columns")) {
      EXPECT_EQ(a.labels().at(top), "glowing");
    }
    if (model == test_model("colours")) {
      EXPECT_EQ(a.labels().at(top), "angry");
    }
  }
}

TEST(analyzer_test, concurrent_calls_give_the_same_result) {
  const auto encoded = portrait();
  const auto expected = shipped_analyzer().analyze(encoded, {});
  std::vector<label_scores> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] {
        for (int i = 0; i < 3; ++i)
          result = shipped_analyzer().analyze(encoded, {})->faces.at(0).reading->probabilities;
      });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, expected->faces[0].reading->probabilities);
}

/// A photograph that the project cannot distribute, and its number of faces.
struct photograph {
  const char* name;
  std::size_t at_least;
  std::size_t at_most;
};
class photographs_test : public ::testing::TestWithParam<photograph> {};

TEST_P(photographs_test, have_the_expected_number_of_faces) {
  const auto& [name, at_least, at_most] = GetParam();
  const auto encoded = testing::media(name);
  if (!encoded) GTEST_SKIP() << "no " << name << "; set EMOSTREAM_MEDIA to a folder that has it";
  auto wide = shipped_models();
  wide.limits.max_pixels = 4'000'000;
  const auto found = analyzer(wide).analyze(*encoded, {});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_GE(found->faces.size(), at_least);
  EXPECT_LE(found->faces.size(), at_most);
}

std::string name_of(const ::testing::TestParamInfo<photograph>& of) {
  std::string name = of.param.name;
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(media, photographs_test,
                         ::testing::Values(photograph{"faces-4.jpg", 4, 4}, photograph{"faces-5.jpg", 5, 5},
                                           photograph{"faces-5-small.jpg", 5, 5},
                                           photograph{"faces-many-small.jpg", 27, 29}),
                         name_of);

}  // namespace
}  // namespace emostream::vision
