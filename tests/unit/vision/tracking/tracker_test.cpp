#include "vision/tracking/tracker.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "vision/synthetic_scene.hpp"

namespace emostream::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::synthetic_face;
using ::testing::UnorderedElementsAre;

/// Pairs of a track's id and the identity of the face at its position.
using identified = std::vector<std::pair<std::uint64_t, int>>;

struct tracker_test : ::testing::Test {
  /// Processes a frame with the faces `all`, in which a detector finds the faces `detected`.
  identified detect(int ms, const std::vector<synthetic_face>& all, std::vector<synthetic_face> detected) {
    frame = testing::render_scene(640, 360, all);
    std::vector<found_face> detections;
    for (const synthetic_face& f : detected) detections.push_back({testing::detection_of(f)});
    const auto unmatched = tracker_.update(frame, detections, at(ms), scratch);
    for (const std::size_t i : std::vector(unmatched.begin(), unmatched.end()))
      tracker_.add(frame, detections[i], at(ms), scratch);
    return visible(detected);
  }
  identified detect(int ms, const std::vector<synthetic_face>& all) { return detect(ms, all, all); }

  /// Processes a frame without a detector; returns whether all faces were found.
  bool track_frame(int ms, const std::vector<synthetic_face>& all) {
    frame = testing::render_scene(640, 360, all);
    return tracker_.track_frame(frame, at(ms), scratch);
  }

  /// The visible tracks with the identities of the faces that are at their positions; 0 if there is none.
  identified visible(const std::vector<synthetic_face>& all) const {
    identified pairs;
    for (const track& t : tracker_.tracks()) {
      if (t.lost) continue;
      const auto face = std::ranges::find_if(all, [&](const synthetic_face& f) {
        return iou(t.position.box, testing::detection_of(f).box) > 0.8F;
      });
      pairs.emplace_back(t.id, face == all.end() ? 0 : face->identity);
    }
    return pairs;
  }
  static time_point at(int ms) { return time_point{std::chrono::hours{1}} + milliseconds{ms}; }

  tracker tracker_{milliseconds{1500}};
  image frame;
  face_template::scratch scratch;
};

constexpr synthetic_face alice{.identity = 1, .x = 150, .y = 150};
constexpr synthetic_face bob{.identity = 4, .x = 450, .y = 200, .side = 90};
constexpr synthetic_face moved(synthetic_face f, float x, float y = 0) {
  f.x += x;
  f.y += y;
  return f;
}

TEST_F(tracker_test, new_faces_get_new_ids) {
  EXPECT_THAT(detect(0, {alice, bob}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
}

TEST_F(tracker_test, faces_are_tracked_between_detections) {
  detect(0, {alice, bob});
  for (int i = 1; i <= 8; ++i) {
    const auto step = static_cast<float>(i);
    const std::vector<synthetic_face> now{moved(alice, 12 * step, 4 * step), moved(bob, -9 * step)};
    ASSERT_TRUE(track_frame(100 * i, now)) << i;
    EXPECT_THAT(visible(now), UnorderedElementsAre(Pair(1, 1), Pair(2, 4))) << i;
  }
}

TEST_F(tracker_test, landmarks_move_with_the_face) {
  detect(0, {alice});
  synthetic_face turned = moved(alice, 10, -6);
  turned.roll = 0.15F;
  turned.side = 86;
  ASSERT_TRUE(track_frame(100, {turned}));
  const auto expected = *testing::detection_of(turned).landmarks;
  const auto& found = *tracker_.tracks()[0].position.landmarks;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_NEAR(found[k].x, expected[k].x, 1.5F) << k;
    EXPECT_NEAR(found[k].y, expected[k].y, 1.5F) << k;
  }
}

TEST_F(tracker_test, a_lost_face_is_reported_in_the_next_frame) {
  detect(0, {alice, bob});
  EXPECT_FALSE(track_frame(100, {bob}));
  EXPECT_THAT(visible({bob}), ElementsAre(Pair(2, 4)));
  EXPECT_TRUE(tracker_.has_lost());
}

TEST_F(tracker_test, a_half_covered_face_is_lost_or_changing) {
  detect(0, {alice});
  EXPECT_FALSE(tracker_.has_changing());
  ASSERT_TRUE(track_frame(100, {alice}));
  EXPECT_FALSE(tracker_.has_changing());
  synthetic_face hand = moved(alice, 45);
  hand.identity = 6;
  if (track_frame(200, {alice, hand})) {
    EXPECT_TRUE(tracker_.has_changing());
  }
}

TEST_F(tracker_test, a_face_is_found_after_a_large_movement) {
  detect(0, {alice});
  const synthetic_face far = moved(alice, 60, 20);
  ASSERT_TRUE(track_frame(100, {far}));
  EXPECT_THAT(visible({far}), ElementsAre(Pair(1, 1)));
}

TEST_F(tracker_test, a_face_without_a_detection_is_lost) {
  detect(0, {alice, bob});
  EXPECT_THAT(detect(500, {alice, bob}, {alice}), ElementsAre(Pair(1, 1)));
}

TEST_F(tracker_test, an_id_survives_an_occlusion) {
  detect(0, {alice, bob});
  EXPECT_THAT(detect(100, {bob}), ElementsAre(Pair(2, 4)));
  EXPECT_THAT(detect(900, {moved(alice, 30), bob}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
}

TEST_F(tracker_test, ids_are_never_reused) {
  detect(0, {alice});
  detect(100, {});
  EXPECT_THAT(detect(1600, {alice}), ElementsAre(Pair(2, 1)));
  detect(1700, {});
  EXPECT_THAT(detect(3300, {alice}), ElementsAre(Pair(3, 1)));
}

TEST_F(tracker_test, another_face_near_the_last_position_gets_a_new_id) {
  detect(0, {alice});
  detect(100, {});
  synthetic_face other = moved(alice, 40);
  other.identity = 5;
  EXPECT_THAT(detect(800, {other}), ElementsAre(Pair(2, 5)));
}

TEST_F(tracker_test, a_face_that_reappears_elsewhere_keeps_its_id) {
  detect(0, {alice});
  detect(200, {});
  EXPECT_THAT(detect(1200, {moved(alice, 150, 60)}), ElementsAre(Pair(1, 1)));
}

TEST_F(tracker_test, a_face_that_jumps_to_another_position_keeps_its_id) {
  detect(0, {alice, bob});
  EXPECT_THAT(detect(1000, {moved(alice, 150, 60), bob}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
  EXPECT_THAT(detect(1100, {moved(alice, 60, 20), bob}), UnorderedElementsAre(Pair(1, 1), Pair(2, 4)));
}

TEST_F(tracker_test, ids_survive_a_low_frame_rate_up_to_the_maximum_pause) {
  for (int i = 0; i < 4; ++i)
    EXPECT_THAT(detect(3000 * i, {moved(alice, 5.0F * i)}), ElementsAre(Pair(1, 1)));
  synthetic_face other = alice;
  other.identity = 5;
  EXPECT_THAT(detect(12'000, {other}), ElementsAre(Pair(2, 5)));
  EXPECT_THAT(detect(18'000, {other}), ElementsAre(Pair(3, 5))) << "the pause was too long";
}

TEST_F(tracker_test, a_face_that_moves_at_a_low_frame_rate_keeps_its_id) {
  detect(0, {alice});
  const synthetic_face there = moved(alice, 150, 60);
  EXPECT_FALSE(track_frame(3000, {there}));
  EXPECT_THAT(detect(3000, {there}), ElementsAre(Pair(1, 1)));
}

TEST_F(tracker_test, processing_a_frame_twice_does_not_change_the_velocity) {
  detect(0, {alice});
  ASSERT_TRUE(track_frame(100, {moved(alice, 10)}));
  const point before = tracker_.tracks().front().velocity;
  detect(100, {moved(alice, 14)});
  EXPECT_FLOAT_EQ(tracker_.tracks().front().velocity.x, before.x);
}

TEST_F(tracker_test, frames_that_arrive_together_do_not_give_extreme_velocities) {
  detect(0, {alice});
  ASSERT_TRUE(track_frame(300, {moved(alice, 10)}));
  ASSERT_TRUE(track_frame(301, {moved(alice, 20)}));
  EXPECT_THAT(detect(400, {moved(alice, 24)}), ElementsAre(Pair(1, 1)));
  EXPECT_LT(std::abs(tracker_.tracks().front().velocity.x), 400);
}

/// Two people walk past each other; the one behind is hidden for some frames.
TEST_F(tracker_test, ids_survive_a_crossing) {
  for (const int every : {1, 3, 5}) {
    tracker_ = tracker{milliseconds{1500}};
    for (int i = 0; i <= 30; ++i) {
      const auto step = static_cast<float>(i);
      synthetic_face behind{.identity = 1, .x = 100 + 14 * step, .y = 180};
      synthetic_face front{.identity = 4, .x = 540 - 14 * step, .y = 190, .side = 90};
      const bool hidden = std::abs(behind.x - front.x) < 55;
      const std::vector<synthetic_face> all{behind, front};
      const std::vector<synthetic_face> visible_faces = hidden ? std::vector{front} : all;
      const bool tracked = i % every != 0 && track_frame(100 * i, all);
      if (!tracked) detect(100 * i, all, visible_faces);
      for (const auto& [id, identity] : visible(visible_faces)) {
        if (identity == 1) {
          EXPECT_EQ(id, 1U) << "detection every " << every << ", frame " << i;
        }
        if (identity == 4) {
          EXPECT_EQ(id, 2U) << "detection every " << every << ", frame " << i;
        }
      }
    }
    const auto last =
        visible({{.identity = 1, .x = 520, .y = 180}, {.identity = 4, .x = 120, .y = 190, .side = 90}});
    EXPECT_THAT(last, UnorderedElementsAre(Pair(1, 1), Pair(2, 4))) << every;
  }
}

TEST_F(tracker_test, frames_without_faces_are_accepted) {
  EXPECT_THAT(detect(0, {}), IsEmpty());
  EXPECT_TRUE(track_frame(100, {}));
  EXPECT_FALSE(tracker_.has_lost());
}

TEST(iou_test, is_intersection_over_union) {
  constexpr rect square{0, 0, 100, 100};
  EXPECT_FLOAT_EQ(iou(square, square), 1);
  EXPECT_FLOAT_EQ(iou(square, {50, 0, 100, 100}), 1.0F / 3);
  EXPECT_FLOAT_EQ(iou(square, {100, 0, 100, 100}), 0);
  EXPECT_FLOAT_EQ(iou(square, rect{}), 0);
  EXPECT_FLOAT_EQ(iou({0, 0, 10, 10}, {2, 2, 5, 5}), 0.25F);
}

}  // namespace
}  // namespace emostream::vision
