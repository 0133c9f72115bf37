#include "vision/eye_tracker.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/files.hpp"
#include "vision/shipped_models.hpp"
#include "vision/stream.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::shipped_analyzer;

const image& portrait() {
  static const image decoded = *decode(testing::read(testing::source_dir() / "tests/media/portrait.jpg"), {});
  return decoded;
}

/// An eye of the portrait: the columns of its corners, and the rows of these and of the lower lid.
struct eye_place {
  int left;
  int right;
  float corners;
  float lower;
};

/// The portrait with a lid painted over each eye: the skin above the eye, and a dark line below.
const image& closed_portrait() {
  static const image painted = [] {
    image i = portrait();
    constexpr std::array places{eye_place{194, 213, 102.5F, 104.5F}, eye_place{237, 257, 105, 107}};
    for (const auto& [left, right, corners, lower] : places) {
      for (int x = left - 2; x <= right + 2; ++x) {
        const float t = 2 * static_cast<float>(x - left) / static_cast<float>(right - left) - 1;
        const float line = corners + (lower - corners) * (1 - t * t);
        const int top = static_cast<int>(corners) - 6;
        for (int y = top; y <= static_cast<int>(line) + 2; ++y) {
          const bool is_line = std::abs(static_cast<float>(y) - line) < 0.75F;
          for (int c = 0; c < 3; ++c) {
            const int skin = portrait().pixels[static_cast<std::size_t>((top * i.width + x) * 3 + c)];
            i.pixels[static_cast<std::size_t>((y * i.width + x) * 3 + c)] =
                static_cast<std::uint8_t>(is_line ? skin / 3 : skin);
          }
        }
      }
    }
    return i;
  }();
  return painted;
}

/// The faces of portraits side by side.
bytes row_of(const std::vector<const image*>& portraits) {
  constexpr int left = 140, top = 30, width = 170, height = 180;
  image row = testing::gradient(width * static_cast<int>(portraits.size()) + 40, height + 40);
  for (std::size_t i = 0; i < portraits.size(); ++i) {
    for (int y = 0; y < height; ++y) {
      const auto from = static_cast<std::size_t>(((top + y) * portraits[i]->width + left) * 3);
      const auto to = static_cast<std::size_t>(((y + 20) * row.width + 20 + width * static_cast<int>(i)) * 3);
      std::copy_n(&portraits[i]->pixels[from], 3 * width, &row.pixels[to]);
    }
  }
  return testing::to_png(row);
}

/// Every `step`-th pixel of every `step`-th row.
image reduced(const image& from, int step) {
  image to{from.width / step, from.height / step, {}};
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const auto at = static_cast<std::size_t>((y * from.width + x) * step * 3);
      to.pixels.insert(to.pixels.end(), &from.pixels[at], &from.pixels[at] + 3);
    }
  }
  return to;
}

/// Sends frames to a stream, ten per second.
class sender {
 public:
  /// Returns the faces of the last frame, from left to right.
  std::vector<face> send(const bytes& encoded, int frames = 1,
                         const frame_options& options = {.eyes = true}) {
    for (int i = 0; i < frames; ++i) {
      now_ += milliseconds{100};
      EXPECT_FALSE(stream_.analyze(encoded, options, now_, result_));
    }
    auto faces = result_.faces;
    std::ranges::sort(faces, {}, [](const face& f) { return f.box.x; });
    return faces;
  }

 private:
  stream stream_{shipped_analyzer().open_stream({.id_lifetime = milliseconds{600}})};
  time_point now_{std::chrono::hours{1}};
  analysis result_;
};

const bytes& open_eyes() {
  static const bytes encoded = testing::to_png(portrait());
  return encoded;
}
const bytes& closed_eyes() {
  static const bytes encoded = testing::to_png(closed_portrait());
  return encoded;
}

TEST(eye_tracker_test, measures_the_eyes_of_a_single_image) {
  const auto found = shipped_analyzer().analyze(open_eyes(), {.eyes = true});
  ASSERT_EQ(found->faces.size(), 1U);
  const auto& eyes = found->faces[0].eyes;
  ASSERT_TRUE(eyes);
  EXPECT_FALSE(eyes->blinks);
  for (const eye_state& eye : {eyes->left, eyes->right}) {
    EXPECT_EQ(eye.openness, 1);
    EXPECT_NEAR(eye.gaze.x, 0, 0.15F);
    EXPECT_NEAR(eye.gaze.y, 0, 0.3F);
  }
  const auto closed = shipped_analyzer().analyze(closed_eyes(), {.eyes = true});
  ASSERT_TRUE(closed->faces.at(0).eyes);
  EXPECT_LT(closed->faces[0].eyes->left.openness, 0.3F);
  EXPECT_LT(closed->faces[0].eyes->right.openness, 0.3F);
}

TEST(eye_tracker_test, measures_nothing_unless_it_is_asked_for) {
  EXPECT_FALSE(shipped_analyzer().analyze(open_eyes(), {})->faces.at(0).eyes);
  EXPECT_FALSE(sender().send(open_eyes(), 1, {}).at(0).eyes);
}

TEST(eye_tracker_test, the_eyes_of_a_small_face_cannot_be_seen) {
  const auto found = shipped_analyzer().analyze(testing::to_png(reduced(portrait(), 3)), {.eyes = true});
  ASSERT_EQ(found->faces.size(), 1U);
  EXPECT_LT(found->faces[0].box.width, 35);
  EXPECT_FALSE(found->faces[0].eyes);
}

TEST(eye_tracker_test, counts_the_blinks_of_each_face) {
  sender s;
  const bytes both_open = row_of({&portrait(), &portrait()});
  const bytes left_closed = row_of({&closed_portrait(), &portrait()});
  for (unsigned blinks = 0; blinks < 3; ++blinks) {
    const auto open = s.send(both_open, 8);
    ASSERT_EQ(open.size(), 2U);
    ASSERT_TRUE(open[0].eyes && open[1].eyes);
    EXPECT_EQ(open[0].eyes->blinks, blinks);
    EXPECT_EQ(open[1].eyes->blinks, 0U);
    EXPECT_GT(open[0].eyes->left.openness, 0.8F);
    const auto closed = s.send(left_closed, 2);
    ASSERT_TRUE(closed.at(0).eyes);
    EXPECT_LT(closed[0].eyes->left.openness, 0.3F);
    EXPECT_GT(closed.at(1).eyes->left.openness, 0.8F);
  }
}

TEST(eye_tracker_test, counts_as_long_as_a_face_has_its_id) {
  sender s;
  s.send(open_eyes(), 5);
  s.send(closed_eyes(), 2);
  const auto before = s.send(open_eyes(), 5);
  ASSERT_EQ(before.at(0).eyes.value().blinks, 1U);

  const bytes nobody = testing::to_png(testing::gradient(512, 512));
  s.send(nobody, 2);
  const auto back = s.send(open_eyes(), 5);
  EXPECT_EQ(back.at(0).id, before[0].id);
  EXPECT_EQ(back.at(0).eyes.value().blinks, 1U);

  s.send(nobody, 10);
  const auto other = s.send(open_eyes(), 5);
  EXPECT_NE(other.at(0).id, before[0].id);
  EXPECT_EQ(other.at(0).eyes.value().blinks, 0U);
}

TEST(eye_tracker_test, measures_only_the_largest_faces_of_a_stream) {
  const bytes crowd = row_of(std::vector<const image*>(eye_tracker::max_faces + 1, &portrait()));
  const auto seen = [](const std::vector<face>& faces) {
    return static_cast<std::size_t>(
        std::ranges::count_if(faces, [](const face& f) { return f.eyes.has_value(); }));
  };
  const auto faces = sender().send(crowd, 2);
  EXPECT_EQ(faces.size(), eye_tracker::max_faces + 1);
  EXPECT_EQ(seen(faces), eye_tracker::max_faces);
  EXPECT_EQ(seen(shipped_analyzer().analyze(crowd, {.eyes = true})->faces), eye_tracker::max_faces + 1);
}

}  // namespace
}  // namespace emostream::vision
