// Tracks whose faces the caller found again by itself, and faces that hide each other.
#include <cmath>
#include <cstddef>
#include <vector>

#include <gmock/gmock.h>

#include "vision/synthetic_scene.hpp"
#include "vision/tracking/tracker.hpp"

namespace emostream::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::synthetic_face;

constexpr synthetic_face alice{.identity = 1, .x = 150, .y = 150};
constexpr synthetic_face bob{.identity = 4, .x = 450, .y = 200, .side = 90};

constexpr synthetic_face moved(synthetic_face f, float x, float y = 0) {
  f.x += x;
  f.y += y;
  return f;
}

constexpr synthetic_face changed(synthetic_face f, int identity) {
  f.identity = identity;
  return f;
}

struct settled_tracks_test : ::testing::Test {
  static time_point at(int ms) { return time_point{std::chrono::hours{1}} + milliseconds{ms}; }
  static found_face found(const synthetic_face& f) { return {testing::detection_of(f)}; }

  void show(const std::vector<synthetic_face>& faces) { frame = testing::render_scene(640, 360, faces); }
  /// Updates the tracks that are not settled; returns the indices of the detections that match none.
  std::vector<std::size_t> update(int ms, const std::vector<synthetic_face>& detected) {
    std::vector<found_face> detections;
    for (const synthetic_face& f : detected) detections.push_back(found(f));
    const auto unmatched = tracker_.update(frame, detections, at(ms), scratch);
    return {unmatched.begin(), unmatched.end()};
  }
  /// The first frame, with tracks of these faces.
  void start(const std::vector<synthetic_face>& faces) {
    show(faces);
    for (const synthetic_face& f : faces) tracker_.add(frame, found(f), at(0), scratch);
  }
  bool track_frame(int ms, const std::vector<synthetic_face>& faces) {
    show(faces);
    return tracker_.track_frame(frame, at(ms), scratch);
  }
  void confirm(std::size_t i, int ms, const synthetic_face& f) {
    tracker_.confirm(i, frame, found(f), at(ms), scratch);
  }
  [[nodiscard]] const track& track_of(std::size_t i) const { return tracker_.tracks()[i]; }

  tracker tracker_{milliseconds{1500}};
  image frame;
  face_template::scratch scratch;
};

TEST_F(settled_tracks_test, settled_tracks_match_no_detection_and_are_not_lost) {
  start({alice, bob});
  ASSERT_TRUE(track_frame(100, {alice, bob}));
  confirm(0, 100, alice);
  tracker_.keep(1);
  EXPECT_THAT(update(100, {alice, bob}), ElementsAre(0, 1)) << "two further faces at the same places";
  EXPECT_FALSE(track_of(0).lost || track_of(1).lost);
  // In the next frame they must be settled again.
  EXPECT_THAT(update(200, {alice}), IsEmpty());
  EXPECT_FALSE(track_of(0).lost);
  EXPECT_TRUE(track_of(1).lost);
}

TEST_F(settled_tracks_test, a_confirmed_face_has_the_new_position_and_appearance) {
  start({alice});
  const synthetic_face turned = changed(moved(alice, 8, -3), 5);
  show({turned});
  confirm(0, 100, turned);
  EXPECT_FLOAT_EQ(track_of(0).position.box.x, found(turned).box.x);
  EXPECT_FLOAT_EQ(track_of(0).confirmed.x, found(turned).box.x);
  update(100, {});
  ASSERT_TRUE(track_frame(200, {moved(turned, 5)}));
  EXPECT_GT(track_of(0).match_score, 0.9F);
  EXPECT_EQ(track_of(0).id, 1U);
}

TEST_F(settled_tracks_test, a_kept_face_stays_where_its_template_was_found) {
  start({alice});
  ASSERT_TRUE(track_frame(100, {moved(alice, 10)}));
  tracker_.keep(0);
  EXPECT_THAT(update(100, {}), IsEmpty());
  EXPECT_FALSE(track_of(0).lost);
  EXPECT_NEAR(track_of(0).position.box.x, found(moved(alice, 10)).box.x, 1);
}

TEST_F(settled_tracks_test, a_face_that_still_looks_the_same_is_doubted_three_times) {
  start({alice});
  int ms = 0;
  const auto doubt = [&] {
    ms += 100;
    EXPECT_TRUE(track_frame(ms, {alice}));
    const bool lost = tracker_.doubt(0);
    EXPECT_EQ(track_of(0).lost, lost);
    EXPECT_THAT(update(ms, {}), IsEmpty());
    EXPECT_EQ(track_of(0).lost, lost) << "update() has changed it";
    return lost;
  };
  EXPECT_FALSE(doubt());
  EXPECT_FALSE(doubt());
  confirm(0, ms, alice);
  update(ms, {});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(doubt()) << i << " times since it was confirmed";
  EXPECT_TRUE(doubt());
}

TEST_F(settled_tracks_test, a_face_that_left_its_place_is_lost_when_doubted) {
  start({alice});
  ASSERT_TRUE(track_frame(100, {moved(alice, 20)}));
  EXPECT_FALSE(tracker_.doubt(0));
  update(100, {});
  ASSERT_TRUE(track_frame(200, {moved(alice, 40)}));
  EXPECT_TRUE(tracker_.doubt(0)) << "40 of 80 pixels from where it was confirmed";
}

/// A hand covers more and more of the face, until its template matches, but not well.
TEST_F(settled_tracks_test, a_face_that_has_changed_is_lost_when_doubted) {
  start({alice});
  const auto covered = [&](float x) { return std::vector{alice, changed(moved(alice, x), 6)}; };
  float x = 60;
  while (track_frame(100, covered(x)) && track_of(0).match_score >= 0.7F) --x;
  ASSERT_FALSE(track_of(0).lost) << "no position of the hand gives a score between the thresholds";
  EXPECT_TRUE(tracker_.doubt(0));
}

TEST_F(settled_tracks_test, a_face_lost_behind_another_is_hidden) {
  const synthetic_face behind = moved(bob, -70);
  start({behind, bob, alice});
  EXPECT_TRUE(tracker_.has_overlapping());
  tracker_.lose(0);
  tracker_.lose(2);
  EXPECT_TRUE(track_of(0).hidden);
  EXPECT_FALSE(track_of(2).hidden);
  EXPECT_FALSE(tracker_.has_overlapping()) << "only one is visible";
}

TEST_F(settled_tracks_test, faces_side_by_side_do_not_overlap) {
  start({alice, moved(alice, 80)});
  EXPECT_FALSE(tracker_.has_overlapping());
}

/// Its template would show the other face.
TEST_F(settled_tracks_test, the_template_of_a_half_hidden_face_is_not_replaced) {
  const synthetic_face front = changed(moved(alice, 45), 4);
  start({alice, bob});
  show({alice, front});
  confirm(1, 100, front);
  confirm(0, 100, alice);
  update(100, {});
  ASSERT_TRUE(track_frame(200, {alice, moved(front, 45)}));
  EXPECT_GT(track_of(0).match_score, 0.9F);
}

/// It is hidden for most of a second and looks different when it appears, as a head that has turned.
TEST_F(settled_tracks_test, a_face_that_passes_behind_another_keeps_its_id) {
  constexpr float speed = 20;  // pixels per frame
  const synthetic_face front = changed(bob, 2);
  start({moved(bob, -8 * speed), front});
  for (int i = 1; i <= 16; ++i) {
    const float x = speed * static_cast<float>(i - 8);
    const synthetic_face passing = changed(moved(bob, x), x < 0 ? 4 : 6);
    const bool hidden = std::abs(x) < 70;
    std::vector<synthetic_face> visible{front};
    if (!hidden) visible.push_back(passing);
    show({passing, front});
    tracker_.track_frame(frame, at(100 * i), scratch);
    EXPECT_THAT(update(100 * i, visible), IsEmpty()) << i;
    if (hidden && std::abs(x) < 50) {
      EXPECT_TRUE(track_of(0).lost && track_of(0).hidden) << i;
    }
  }
  EXPECT_FALSE(track_of(0).lost || track_of(1).lost);
  EXPECT_EQ(tracker_.tracks().size(), 2U);
  EXPECT_NEAR(track_of(0).position.box.centre().x, bob.x + 8 * speed, 2);
}

/// Beside no other face, a face of another appearance is another one.
TEST_F(settled_tracks_test, a_face_that_vanished_in_the_open_does_not_continue_as_another) {
  start({alice, bob});
  show({bob});
  EXPECT_THAT(update(100, {bob}), IsEmpty());
  EXPECT_TRUE(track_of(0).lost);
  EXPECT_FALSE(track_of(0).hidden);
  const synthetic_face other = changed(moved(alice, 30), 5);
  show({other, bob});
  EXPECT_THAT(update(800, {other, bob}), ElementsAre(0));
}

TEST_F(settled_tracks_test, the_confidence_of_a_face_is_smoothed) {
  start({alice});
  found_face doubtful = found(alice);
  const float before = track_of(0).position.confidence;
  doubtful.confidence = before / 2;
  tracker_.confirm(0, frame, doubtful, at(100), scratch);
  EXPECT_FLOAT_EQ(track_of(0).position.confidence, before * 3 / 4);
}

TEST_F(settled_tracks_test, a_face_is_steady_while_it_looks_the_same_and_overlaps_no_other) {
  start({alice, bob});
  ASSERT_TRUE(track_frame(100, {moved(alice, 5), bob}));
  EXPECT_TRUE(tracker_.is_steady(0));
  confirm(1, 100, moved(alice, 40));
  EXPECT_FALSE(tracker_.is_steady(0));
}

// Its template matched something else beside it before it was found to be lost.
TEST_F(settled_tracks_test, a_face_whose_track_drifted_off_is_found_where_it_was_confirmed) {
  start({alice});
  ASSERT_TRUE(track_frame(100, {moved(alice, 60)}));
  EXPECT_TRUE(tracker_.has_moved(0));
  tracker_.lose(0);
  show({changed(alice, 5)});
  EXPECT_THAT(update(200, {changed(alice, 5)}), IsEmpty());
  EXPECT_FALSE(track_of(0).lost);
  EXPECT_FALSE(tracker_.has_moved(0));
}

}  // namespace
}  // namespace emostream::vision
