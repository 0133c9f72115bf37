#include "vision/detection/blazeface.hpp"

#include <array>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

/// The raw output of a grid without any face.
struct raw_output {
  anchor_grid grid;
  std::vector<float> scores = std::vector<float>(count(), -20.0F);
  std::vector<float> values = std::vector<float>(count() * values_per_anchor, 0.0F);

  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(grid.cells) * static_cast<std::size_t>(grid.cells * grid.per_cell);
  }
  [[nodiscard]] std::vector<detection> decode(int size, float min = 0.5F) const {
    std::vector<detection> found;
    decode_grid(grid, size, scores, values, min, found);
    return found;
  }
};

TEST(blazeface_test, grids_have_as_many_anchors_as_in_media_pipe) {
  EXPECT_EQ(raw_output{fine_grid}.count(), 512U);
  EXPECT_EQ(raw_output{coarse_grid}.count(), 384U);
}

TEST(blazeface_test, low_scores_give_no_detections) {
  EXPECT_TRUE(raw_output{fine_grid}.decode(256).empty());
}

TEST(blazeface_test, values_are_relative_to_the_centre_of_the_cell) {
  raw_output out{fine_grid};
  // Row 3, column 5, second anchor: its centre is (88, 56) in 256×256.
  const std::size_t anchor = (3 * 16 + 5) * 2 + 1;
  out.scores[anchor] = 0;
  for (std::size_t i = 0; i < values_per_anchor; ++i)
    out.values[anchor * values_per_anchor + i] = static_cast<float>(i + 1);
  const auto found = out.decode(256);
  ASSERT_EQ(found.size(), 1U);
  const detection& d = found[0];
  EXPECT_FLOAT_EQ(d.confidence, 0.5F);
  EXPECT_FLOAT_EQ(d.box.x, 88 + 1 - 1.5F);
  EXPECT_FLOAT_EQ(d.box.y, 56 + 2 - 2);
  EXPECT_FLOAT_EQ(d.box.width, 3);
  EXPECT_FLOAT_EQ(d.box.height, 4);
  EXPECT_FLOAT_EQ((*d.landmarks)[left_eye].x, 88 + 5);
  EXPECT_FLOAT_EQ((*d.landmarks)[left_eye].y, 56 + 6);
  EXPECT_FLOAT_EQ((*d.landmarks)[right_ear].x, 88 + 15);
  EXPECT_FLOAT_EQ((*d.landmarks)[right_ear].y, 56 + 16);
}

TEST(blazeface_test, decodes_the_coarse_grid_of_the_front_model) {
  raw_output out{coarse_grid};
  out.scores.back() = 3;  // centre of the last cell: (120, 120) in 128×128
  const auto found = out.decode(128);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].confidence, 0.9526F, 1e-4);
  EXPECT_FLOAT_EQ(found[0].box.x, 120);
}

TEST(blazeface_test, invalid_values_are_rejected_or_clamped) {
  raw_output out{fine_grid};
  out.scores[0] = std::numeric_limits<float>::quiet_NaN();
  out.scores[1] = -std::numeric_limits<float>::infinity();
  EXPECT_TRUE(out.decode(256).empty());
  out.scores[2] = std::numeric_limits<float>::infinity();
  out.values[2 * values_per_anchor + 2] = -5;  // a negative width
  ASSERT_EQ(out.decode(256).size(), 1U);
  EXPECT_FLOAT_EQ(out.decode(256)[0].confidence, 1);
  EXPECT_FLOAT_EQ(out.decode(256)[0].box.width, 0);
}

detection at(float x, float confidence) {
  detection d{confidence, {x, 0, 100, 100}, {}};
  d.landmarks.emplace().fill({x + 50, 40});
  return d;
}

std::vector<detection> blended_of(std::vector<detection> detections) {
  blend_overlapping(detections);
  return detections;
}

TEST(blend_test, overlapping_detections_become_their_weighted_mean) {
  const auto blended = blended_of({at(10, 0.6F), at(0, 0.9F)});
  ASSERT_EQ(blended.size(), 1U);
  EXPECT_FLOAT_EQ(blended[0].confidence, 0.9F);
  EXPECT_FLOAT_EQ(blended[0].box.x, 4);  // 10 · 0.6 / 1.5
  EXPECT_FLOAT_EQ(blended[0].box.width, 100);
  EXPECT_FLOAT_EQ((*blended[0].landmarks)[mouth].x, 54);
  EXPECT_FLOAT_EQ((*blended[0].landmarks)[mouth].y, 40);
}

TEST(blend_test, separate_detections_are_sorted_by_confidence) {
  const auto blended = blended_of({at(0, 0.6F), at(200, 0.8F), at(400, 0.7F)});
  ASSERT_EQ(blended.size(), 3U);
  EXPECT_FLOAT_EQ(blended[0].box.x, 200);
  EXPECT_FLOAT_EQ(blended[1].box.x, 400);
  EXPECT_FLOAT_EQ(blended[2].box.x, 0);
}

TEST(blend_test, overlap_is_measured_with_the_best_detection_only) {
  // Neighbours have an IoU of 1/3; the first and the last do not overlap.
  const auto blended = blended_of({at(0, 0.9F), at(50, 0.8F), at(100, 0.7F)});
  ASSERT_EQ(blended.size(), 2U);
  EXPECT_FLOAT_EQ(blended[1].box.x, 100);
}

TEST(blend_test, works_without_landmarks) {
  const auto blended = blended_of({{0.6F, {10, 0, 100, 100}}, {0.9F, {0, 0, 100, 100}}});
  ASSERT_EQ(blended.size(), 1U);
  EXPECT_FLOAT_EQ(blended[0].box.x, 4);
  EXPECT_FALSE(blended[0].landmarks);
}

TEST(blend_test, accepts_an_empty_list) {
  EXPECT_TRUE(blended_of({}).empty());
}

}  // namespace
}  // namespace emostream::vision
