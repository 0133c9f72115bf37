#include "vision/tracking/appearance.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "vision/scene.hpp"

namespace emostream::vision {
namespace {

using testing::actor;
using testing::scene;

constexpr actor middle{.who = 1, .x = 160, .y = 120};

similarity frame_of(const actor& a) {
  const float scale = a.side / appearance::side;
  similarity s{.a = scale * std::cos(a.roll), .b = scale * std::sin(a.roll)};
  constexpr float half = appearance::side / 2.0F;
  s.x0 = a.x - (s.a * half - s.b * half);
  s.y0 = a.y - (s.b * half + s.a * half);
  return s;
}

struct Appearance : ::testing::Test {
  Appearance() { face.learn(scene(320, 240, {middle}), frame_of(middle), room); }

  void expect_found(const appearance::match& found, const actor& moved, float within) {
    constexpr float half = appearance::side / 2.0F;
    const point at = found.frame({half, half});
    EXPECT_NEAR(at.x, moved.x, within);
    EXPECT_NEAR(at.y, moved.y, within);
    EXPECT_NEAR(found.frame.scale() * appearance::side / moved.side, 1, 0.02F);
    EXPECT_NEAR(std::atan2(found.frame.b, found.frame.a), moved.roll, 0.02F);
    EXPECT_GT(found.likeness, 0.95F);
  }

  appearance face;
  appearance::room room;
};

TEST_F(Appearance, AFaceIsLikeItself) {
  expect_found(face.follow(scene(320, 240, {middle}), frame_of(middle), room), middle, 0.1F);
}

TEST_F(Appearance, AnotherFaceIsNot) {
  for (int who = 2; who < 8; ++who) {
    actor other = middle;
    other.who = who;
    EXPECT_LT(face.follow(scene(320, 240, {other}), frame_of(middle), room).likeness, 0.75F) << who;
  }
}

TEST_F(Appearance, IsFollowedThroughShiftScaleAndRoll) {
  for (const actor& moved :
       {actor{.who = 1, .x = 166, .y = 115}, actor{.who = 1, .x = 160, .y = 120, .side = 88},
        actor{.who = 1, .x = 160, .y = 120, .roll = 0.12F},
        actor{.who = 1, .x = 156, .y = 123, .side = 76, .roll = -0.1F}})
    expect_found(face.follow(scene(320, 240, {moved}), frame_of(middle), room), moved, 0.5F);
}

TEST_F(Appearance, LightDoesNotMatter) {
  const actor moved{.who = 1, .x = 163, .y = 118};
  for (const float light : {0.3F, 1.2F})
    expect_found(face.follow(scene(320, 240, {moved}, light), frame_of(middle), room), moved, 0.5F);
}

TEST_F(Appearance, WhatJumpedFarIsSearchedFor) {
  for (const actor& gone : {actor{.who = 1, .x = 220, .y = 120}, actor{.who = 1, .x = 110, .y = 165}})
    expect_found(face.search(scene(320, 240, {gone}), frame_of(middle), room), gone, 0.5F);
}

TEST_F(Appearance, WhatIsGoneIsNotFound) {
  const auto empty = scene(320, 240, {});
  EXPECT_LT(face.follow(empty, frame_of(middle), room).likeness, 0.6F);
  EXPECT_LT(face.search(empty, frame_of(middle), room).likeness, 0.6F);
  const image black{320, 240, std::vector<std::uint8_t>(320 * 240), 1};
  EXPECT_EQ(face.follow(black, frame_of(middle), room).likeness, -1);
}

/// The same place in a frame that was decoded at half its size.
TEST_F(Appearance, FramesMayBeReduced) {
  const actor moved{.who = 1, .x = 165, .y = 122};
  const auto whole = scene(320, 240, {moved});
  image half{160, 120, {}, 1, 2};
  for (int y = 0; y < 120; ++y)
    for (int x = 0; x < 160; ++x) {
      const auto at = static_cast<std::size_t>(2 * y * 320 + 2 * x);
      half.pixels.push_back(static_cast<std::uint8_t>(
          (whole.pixels[at] + whole.pixels[at + 1] + whole.pixels[at + 320] + whole.pixels[at + 321]) / 4));
    }
  expect_found(face.follow(half, frame_of(middle), room), moved, 0.6F);
}

TEST_F(Appearance, AFrameOutsideTheImageIsNoTrouble) {
  const actor outside{.who = 1, .x = -500, .y = 900};
  EXPECT_LT(face.follow(scene(320, 240, {middle}), frame_of(outside), room).likeness, 0.6F);
}

}  // namespace
}  // namespace emostream::vision
