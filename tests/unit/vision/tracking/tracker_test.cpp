#include "vision/tracking/tracker.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "vision/scene.hpp"

namespace emostream::vision {
namespace {

using testing::actor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

/// Ids of actors: the tracker's id, and who it is.
using cast = std::vector<std::pair<std::uint64_t, int>>;

struct Tracker : ::testing::Test {
  /// The next frame, as a detector sees it that finds all of `seen`.
  cast detect(int ms, const std::vector<actor>& all, std::vector<actor> seen) {
    picture = testing::scene(640, 360, all);
    std::vector<detection> found;
    for (const actor& a : seen) found.push_back(testing::place_of(a));
    const auto strangers = faces.correct(picture, found, at(ms), room);
    for (const std::size_t i : std::vector(strangers.begin(), strangers.end()))
      faces.welcome(picture, found[i], at(ms), room);
    return in_view(seen);
  }
  cast detect(int ms, const std::vector<actor>& all) { return detect(ms, all, all); }

  /// The next frame, without a detector; whether all faces were found.
  bool follow(int ms, const std::vector<actor>& all) {
    picture = testing::scene(640, 360, all);
    return faces.follow(picture, at(ms), room);
  }

  /// Who is where a track says that its face is.
  cast in_view(const std::vector<actor>& all) const {
    cast seen;
    for (const track& t : faces.tracks()) {
      if (t.lost) continue;
      const auto who = std::ranges::find_if(
          all, [&](const actor& a) { return overlap(t.place.box, testing::place_of(a).box) > 0.8F; });
      seen.emplace_back(t.id, who == all.end() ? 0 : who->who);
    }
    return seen;
  }
  static time_point at(int ms) { return time_point{std::chrono::hours{1}} + milliseconds{ms}; }

  tracker faces{milliseconds{1500}};
  image picture;
  appearance::room room;
};

constexpr actor anna{.who = 1, .x = 150, .y = 150};
constexpr actor bert{.who = 4, .x = 450, .y = 200, .side = 90};
constexpr actor moved(actor a, float x, float y = 0) {
  a.x += x;
  a.y += y;
  return a;
}

TEST_F(Tracker, NewFacesGetNewIds) {
  EXPECT_THAT(detect(0, {anna, bert}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
}

TEST_F(Tracker, BetweenDetectionsFacesAreFollowedByTheirLooks) {
  detect(0, {anna, bert});
  for (int i = 1; i <= 8; ++i) {
    const auto step = static_cast<float>(i);
    const std::vector<actor> now{moved(anna, 12 * step, 4 * step), moved(bert, -9 * step)};
    ASSERT_TRUE(follow(100 * i, now)) << i;
    EXPECT_THAT(in_view(now), UnorderedElementsAre(Pair(1, 1), Pair(2, 4))) << i;
  }
}

TEST_F(Tracker, KeypointsMoveWithTheFace) {
  detect(0, {anna});
  actor turned = moved(anna, 10, -6);
  turned.roll = 0.15F;
  turned.side = 86;
  ASSERT_TRUE(follow(100, {turned}));
  const auto expected = *testing::place_of(turned).landmarks;
  const auto& found = *faces.tracks()[0].place.landmarks;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_NEAR(found[k].x, expected[k].x, 1.5F) << k;
    EXPECT_NEAR(found[k].y, expected[k].y, 1.5F) << k;
  }
}

TEST_F(Tracker, ALostFaceIsNoticedInTheNextFrame) {
  detect(0, {anna, bert});
  EXPECT_FALSE(follow(100, {bert}));
  EXPECT_THAT(in_view({bert}), ElementsAre(Pair(2, 4)));
  EXPECT_TRUE(faces.has_lost());
}

TEST_F(Tracker, AFaceThatIsHalfCoveredChanges) {
  detect(0, {anna});
  EXPECT_FALSE(faces.is_changing());
  ASSERT_TRUE(follow(100, {anna}));
  EXPECT_FALSE(faces.is_changing());
  actor hand = moved(anna, 45);
  hand.who = 6;
  if (follow(200, {anna, hand})) {
    EXPECT_TRUE(faces.is_changing());
  }
}

TEST_F(Tracker, AFaceThatJumpsIsFoundAgain) {
  detect(0, {anna});
  const actor far = moved(anna, 60, 20);
  ASSERT_TRUE(follow(100, {far}));
  EXPECT_THAT(in_view({far}), ElementsAre(Pair(1, 1)));
}

TEST_F(Tracker, WhatTheDetectorNoLongerSeesIsGone) {
  detect(0, {anna, bert});
  EXPECT_THAT(detect(500, {anna, bert}, {anna}), ElementsAre(Pair(1, 1)));
}

TEST_F(Tracker, AnIdSurvivesAnOcclusion) {
  detect(0, {anna, bert});
  EXPECT_THAT(detect(100, {bert}), ElementsAre(Pair(2, 4)));
  EXPECT_THAT(detect(900, {moved(anna, 30), bert}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
}

TEST_F(Tracker, AnIdIsNeverGivenAgain) {
  detect(0, {anna});
  detect(100, {});
  EXPECT_THAT(detect(1600, {anna}), ElementsAre(Pair(2, 1)));
  detect(1700, {});
  EXPECT_THAT(detect(3300, {anna}), ElementsAre(Pair(3, 1)));
}

TEST_F(Tracker, WhoeverComesInTheirPlaceIsSomebodyElse) {
  detect(0, {anna});
  detect(100, {});
  actor other = moved(anna, 40);
  other.who = 5;
  EXPECT_THAT(detect(800, {other}), ElementsAre(Pair(2, 5)));
}

TEST_F(Tracker, WhoeverLeavesAndComesBackElsewhereIsThemselves) {
  detect(0, {anna});
  detect(200, {});
  EXPECT_THAT(detect(1200, {moved(anna, 150, 60)}), ElementsAre(Pair(1, 1)));
}

TEST_F(Tracker, WhoeverIsElsewhereInTheNextFrameIsThemselves) {
  detect(0, {anna, bert});
  EXPECT_THAT(detect(1000, {moved(anna, 150, 60), bert}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
  EXPECT_THAT(detect(1100, {moved(anna, 60, 20), bert}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
}

TEST_F(Tracker, SeldomFramesShowTheSameFaces) {
  for (int i = 0; i < 4; ++i) EXPECT_THAT(detect(3000 * i, {moved(anna, 5.0F * i)}), ElementsAre(Pair(1, 1)));
  actor other = anna;
  other.who = 5;
  EXPECT_THAT(detect(12'000, {other}), ElementsAre(Pair(2, 5)));
  EXPECT_THAT(detect(18'000, {other}), ElementsAre(Pair(3, 5))) << "it was too long ago";
}

TEST_F(Tracker, WhoeverMovedBetweenSeldomFramesIsThemselves) {
  detect(0, {anna});
  const actor there = moved(anna, 150, 60);
  EXPECT_FALSE(follow(3000, {there}));
  EXPECT_THAT(detect(3000, {there}), ElementsAre(Pair(1, 1)));
}

TEST_F(Tracker, ASecondLookAtAFrameSaysNothingOfSpeed) {
  detect(0, {anna});
  ASSERT_TRUE(follow(100, {moved(anna, 10)}));
  const point before = faces.tracks().front().speed;
  detect(100, {moved(anna, 14)});
  EXPECT_FLOAT_EQ(faces.tracks().front().speed.x, before.x);
}

TEST_F(Tracker, FramesThatArriveTogetherSayNothingOfSpeed) {
  detect(0, {anna});
  ASSERT_TRUE(follow(300, {moved(anna, 10)}));
  ASSERT_TRUE(follow(301, {moved(anna, 20)}));
  EXPECT_THAT(detect(400, {moved(anna, 24)}), ElementsAre(Pair(1, 1)));
  EXPECT_LT(std::abs(faces.tracks().front().speed.x), 400);
}

/// Two walk past each other; who is behind is not seen for a while.
TEST_F(Tracker, IdsSurviveACrossing) {
  for (const int every : {1, 3, 5}) {
    faces = tracker{milliseconds{1500}};
    for (int i = 0; i <= 30; ++i) {
      const auto step = static_cast<float>(i);
      actor behind{.who = 1, .x = 100 + 14 * step, .y = 180};
      actor before{.who = 4, .x = 540 - 14 * step, .y = 190, .side = 90};
      const bool hidden = std::abs(behind.x - before.x) < 55;
      const std::vector<actor> all{behind, before};
      const std::vector<actor> seen = hidden ? std::vector{before} : all;
      const bool followed = i % every != 0 && follow(100 * i, all);
      if (!followed) detect(100 * i, all, seen);
      for (const auto& [id, who] : in_view(seen)) {
        if (who == 1) {
          EXPECT_EQ(id, 1U) << "detection every " << every << ", frame " << i;
        }
        if (who == 4) {
          EXPECT_EQ(id, 2U) << "detection every " << every << ", frame " << i;
        }
      }
    }
    const auto at_the_end =
        in_view({{.who = 1, .x = 520, .y = 180}, {.who = 4, .x = 120, .y = 190, .side = 90}});
    EXPECT_THAT(at_the_end, UnorderedElementsAre(Pair(1, 1), Pair(2, 4))) << every;
  }
}

TEST_F(Tracker, NobodyIsNoTrouble) {
  EXPECT_THAT(detect(0, {}), IsEmpty());
  EXPECT_TRUE(follow(100, {}));
  EXPECT_FALSE(faces.has_lost());
}

TEST(Overlap, IsIntersectionOverUnion) {
  constexpr rect square{0, 0, 100, 100};
  EXPECT_FLOAT_EQ(overlap(square, square), 1);
  EXPECT_FLOAT_EQ(overlap(square, {50, 0, 100, 100}), 1.0F / 3);
  EXPECT_FLOAT_EQ(overlap(square, {100, 0, 100, 100}), 0);
  EXPECT_FLOAT_EQ(overlap(square, rect{}), 0);
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {2, 2, 5, 5}), 0.25F);
}

}  // namespace
}  // namespace emostream::vision
