#include "vision/tracker.hpp"

#include <gmock/gmock.h>

namespace emostream::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr rect left{0, 0, 100, 100};
constexpr rect right{300, 0, 100, 100};
constexpr rect beside(const rect& r, float by) {
  return {r.x + by, r.y, r.width, r.height};
}

struct Tracker : ::testing::Test {
  tracker faces{0.3F, milliseconds{1500}};
  time_point start{};
  std::vector<std::uint64_t> at(int ms, std::vector<rect> boxes) {
    return faces.update(boxes, start + milliseconds{ms});
  }
};

TEST_F(Tracker, NewFacesGetNewIds) {
  EXPECT_THAT(at(0, {left, right}), ElementsAre(1, 2));
}

TEST_F(Tracker, FacesKeepTheirIdsInAnyOrder) {
  at(0, {left, right});
  EXPECT_THAT(at(100, {beside(right, 10), beside(left, -5)}), ElementsAre(2, 1));
}

TEST_F(Tracker, AFaceIsFollowedStepByStep) {
  at(0, {left});
  for (int i = 1; i < 20; ++i)
    EXPECT_THAT(at(i, {beside(left, 40.0F * static_cast<float>(i))}), ElementsAre(1));
}

TEST_F(Tracker, TooLittleOverlapIsAnotherFace) {
  at(0, {left});
  EXPECT_THAT(at(100, {beside(left, 60)}), ElementsAre(2));
}

TEST_F(Tracker, TheBestPairIsMatchedFirst) {
  at(0, {left, beside(left, 60)});
  // Overlaps both, the second more; the first keeps what is left.
  EXPECT_THAT(at(100, {beside(left, 35), beside(left, 10)}), ElementsAre(2, 1));
}

TEST_F(Tracker, OneTrackGoesToOneBoxOnly) {
  at(0, {left});
  EXPECT_THAT(at(100, {beside(left, 20), beside(left, 5)}), ElementsAre(2, 1));
}

TEST_F(Tracker, AnIdSurvivesAGap) {
  at(0, {left});
  EXPECT_THAT(at(700, {}), IsEmpty());
  EXPECT_THAT(at(1500, {left}), ElementsAre(1));
}

TEST_F(Tracker, AnIdIsNeverGivenAgain) {
  at(0, {left});
  EXPECT_THAT(at(1501, {left}), ElementsAre(2));
  EXPECT_THAT(at(9000, {left}), ElementsAre(3));
}

TEST_F(Tracker, EmptyBoxesAreNobody) {
  at(0, {rect{}});
  EXPECT_THAT(at(1, {rect{}}), ElementsAre(2));
}

TEST(Overlap, IsIntersectionOverUnion) {
  EXPECT_FLOAT_EQ(overlap(left, left), 1);
  EXPECT_FLOAT_EQ(overlap(left, beside(left, 50)), 1.0F / 3);
  EXPECT_FLOAT_EQ(overlap(left, beside(left, 100)), 0);
  EXPECT_FLOAT_EQ(overlap(left, right), 0);
  EXPECT_FLOAT_EQ(overlap(left, rect{}), 0);
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {2, 2, 5, 5}), 0.25F);
}

}  // namespace
}  // namespace emostream::vision
