#include "vision/tracking/face_template.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "vision/synthetic_scene.hpp"

namespace emostream::vision {
namespace {

using testing::render_scene;
using testing::synthetic_face;

constexpr synthetic_face middle{.identity = 1, .x = 160, .y = 120};

similarity_transform transform_of(const synthetic_face& f) {
  const float scale = f.side / face_template::side;
  similarity_transform s{.a = scale * std::cos(f.roll), .b = scale * std::sin(f.roll)};
  constexpr float half = face_template::side / 2.0F;
  s.x0 = f.x - (s.a * half - s.b * half);
  s.y0 = f.y - (s.b * half + s.a * half);
  return s;
}

struct face_template_test : ::testing::Test {
  face_template_test() { face.capture(render_scene(320, 240, {middle}), transform_of(middle), scratch); }

  void expect_found(const face_template::match& found, const synthetic_face& moved, float within) {
    constexpr float half = face_template::side / 2.0F;
    const point at = found.transform({half, half});
    EXPECT_NEAR(at.x, moved.x, within);
    EXPECT_NEAR(at.y, moved.y, within);
    EXPECT_NEAR(found.transform.scale() * face_template::side / moved.side, 1, 0.02F);
    EXPECT_NEAR(std::atan2(found.transform.b, found.transform.a), moved.roll, 0.02F);
    EXPECT_GT(found.score, 0.95F);
  }

  face_template face;
  face_template::scratch scratch;
};

TEST_F(face_template_test, matches_the_same_face) {
  expect_found(face.align(render_scene(320, 240, {middle}), transform_of(middle), scratch), middle, 0.1F);
}

TEST_F(face_template_test, scores_other_faces_lower) {
  for (int identity = 2; identity < 8; ++identity) {
    synthetic_face other = middle;
    other.identity = identity;
    EXPECT_LT(face.align(render_scene(320, 240, {other}), transform_of(middle), scratch).score, 0.75F)
        << identity;
  }
}

TEST_F(face_template_test, finds_shift_scale_and_rotation) {
  for (const synthetic_face& moved :
       {synthetic_face{.identity = 1, .x = 166, .y = 115},
        synthetic_face{.identity = 1, .x = 160, .y = 120, .side = 88},
        synthetic_face{.identity = 1, .x = 160, .y = 120, .roll = 0.12F},
        synthetic_face{.identity = 1, .x = 156, .y = 123, .side = 76, .roll = -0.1F}})
    expect_found(face.align(render_scene(320, 240, {moved}), transform_of(middle), scratch), moved, 0.5F);
}

TEST_F(face_template_test, is_independent_of_brightness) {
  const synthetic_face moved{.identity = 1, .x = 163, .y = 118};
  for (const float brightness : {0.3F, 1.2F})
    expect_found(face.align(render_scene(320, 240, {moved}, brightness), transform_of(middle), scratch),
                 moved, 0.5F);
}

TEST_F(face_template_test, search_finds_large_shifts) {
  for (const synthetic_face& moved :
       {synthetic_face{.identity = 1, .x = 220, .y = 120}, synthetic_face{.identity = 1, .x = 110, .y = 165}})
    expect_found(face.search(render_scene(320, 240, {moved}), transform_of(middle), scratch), moved, 0.5F);
}

TEST_F(face_template_test, does_not_match_the_background) {
  const auto empty = render_scene(320, 240, {});
  EXPECT_LT(face.align(empty, transform_of(middle), scratch).score, 0.6F);
  EXPECT_LT(face.search(empty, transform_of(middle), scratch).score, 0.6F);
  const image black{320, 240, std::vector<std::uint8_t>(320 * 240), 1};
  EXPECT_EQ(face.align(black, transform_of(middle), scratch).score, -1);
}

/// The frame is as if decoded at half its size.
TEST_F(face_template_test, accepts_reduced_frames) {
  const synthetic_face moved{.identity = 1, .x = 165, .y = 122};
  const auto whole = render_scene(320, 240, {moved});
  image half{160, 120, {}, 1, 2};
  for (int y = 0; y < 120; ++y)
    for (int x = 0; x < 160; ++x) {
      const auto at = static_cast<std::size_t>(2 * y * 320 + 2 * x);
      half.pixels.push_back(static_cast<std::uint8_t>(
          (whole.pixels[at] + whole.pixels[at + 1] + whole.pixels[at + 320] + whole.pixels[at + 321]) / 4));
    }
  expect_found(face.align(half, transform_of(middle), scratch), moved, 0.6F);
}

TEST_F(face_template_test, accepts_a_transform_outside_the_image) {
  const synthetic_face outside{.identity = 1, .x = -500, .y = 900};
  EXPECT_LT(face.align(render_scene(320, 240, {middle}), transform_of(outside), scratch).score, 0.6F);
}

}  // namespace
}  // namespace emostream::vision
