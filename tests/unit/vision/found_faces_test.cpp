// Which faces are found in single images and in streams, with the shipped models.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "vision/encode.hpp"
#include "vision/engine.hpp"
#include "vision/files.hpp"
#include "vision/pictures.hpp"
#include "vision/shipped_models.hpp"
#include "vision/stream.hpp"

namespace emostream::vision {
namespace {

using testing::portrait;
using testing::portrait_face;
using testing::scaled;
using testing::shifted;
using testing::shipped_analyzer;
using testing::shipped_models;

const analyzer& far_analyzer() {
  static const analyzer a([] {
    auto o = shipped_models();
    o.far_faces = true;
    return o;
  }());
  return a;
}

/// Sends frames to a stream, ten per second.
class sender {
 public:
  explicit sender(const analyzer& a = shipped_analyzer(), const stream_options& options = {})
      : stream_(a.open_stream(options)) {}

  const std::vector<face>& send(const image& frame) {
    now_ += milliseconds{100};
    EXPECT_FALSE(stream_.analyze(testing::to_png(frame), {}, now_, result_));
    return result_.faces;
  }

 private:
  stream stream_;
  time_point now_{std::chrono::hours{1}};
  analysis result_;
};

std::vector<face> faces_in(const image& picture, const analyzer& a = shipped_analyzer()) {
  return a.analyze(testing::to_png(picture), {})->faces;
}

std::string label_of(const face& f) {
  return f.reading ? shipped_analyzer().labels().at(dominant_label(*f.reading)) : "none";
}

/// How many of the boxes have exactly one face.
template <typename Faces>
std::size_t count_found(const std::vector<rect>& boxes, const Faces& faces, float min_iou = 0.5F) {
  return static_cast<std::size_t>(std::ranges::count_if(boxes, [&](const rect& box) {
    return std::ranges::count_if(faces, [&](const face& f) { return iou(f.box, box) >= min_iou; }) == 1;
  }));
}

/// A picture, and the boxes of its faces.
struct scene {
  image picture;
  std::vector<rect> faces;
};

/// The portrait's head and shoulders, `count` times in rows of `columns`, each `side` pixels wide.
scene group(int columns, int count, int side) {
  const image one = testing::cropped(portrait(), {.left = 105, .top = 0, .width = 240, .height = 240});
  const image tile = testing::resized(one, side, side);
  const rect face = scaled(shifted(portrait_face, -105, 0), static_cast<float>(side) / 240);
  scene all{testing::plain(columns * side, count / columns * side), {}};
  for (int i = 0; i < count; ++i) {
    const int x = i % columns * side;
    const int y = i / columns * side;
    testing::paste(tile, x, y, all.picture);
    all.faces.push_back(shifted(face, static_cast<float>(x), static_cast<float>(y)));
  }
  return all;
}

scene turned_portrait(int quarters) {
  return {testing::turned(portrait(), quarters), {testing::turned(portrait_face, portrait(), quarters)}};
}

TEST(found_faces_test, are_the_same_in_an_image_and_in_the_first_frame_of_a_stream) {
  for (const scene& s :
       {turned_portrait(0), turned_portrait(1), turned_portrait(2), group(4, 4, 160), group(10, 20, 64)}) {
    const auto single = faces_in(s.picture);
    EXPECT_EQ(count_found(s.faces, single), s.faces.size());
    sender camera;
    const auto& streamed = camera.send(s.picture);
    ASSERT_EQ(streamed.size(), single.size());
    for (std::size_t i = 0; i < single.size(); ++i) {
      EXPECT_GT(iou(single[i].box, streamed[i].box), 0.95F);
      EXPECT_EQ(label_of(single[i]), "happiness");
      if (i < 8) {  // of more faces, the others are classified in the next frames
        EXPECT_EQ(label_of(streamed[i]), "happiness");
      }
    }
  }
}

TEST(found_faces_test, a_turned_face_is_one_face_with_its_roll_and_expression) {
  for (const int quarters : {1, 2, 3}) {
    const scene s = turned_portrait(quarters);
    const auto found = faces_in(s.picture);
    ASSERT_EQ(found.size(), 1U) << quarters;
    EXPECT_GT(iou(found[0].box, s.faces[0]), 0.8F);
    ASSERT_TRUE(found[0].pose);
    EXPECT_LT(std::abs(std::remainder(found[0].pose->roll - 90.0F * static_cast<float>(quarters), 360.0F)),
              10)
        << quarters;
    EXPECT_EQ(label_of(found[0]), "happiness") << quarters;
  }
}

/// Between the whole head, and eyes, nose and mouth only.
TEST(found_faces_test, a_face_that_fills_the_picture_is_found_once) {
  for (const float height : {0.7F, 0.9F, 1.1F, 1.25F, 1.6F}) {
    const int side = static_cast<int>(portrait_face.height / height);
    const int left = static_cast<int>(portrait_face.centre().x) - side / 2;
    const int top = static_cast<int>(portrait_face.centre().y) - side / 2;
    const image tight = testing::resized(
        testing::cropped(portrait(), {.left = left, .top = top, .width = side, .height = side}), 240, 240);
    const std::vector<rect> expected{
        scaled(shifted(portrait_face, static_cast<float>(-left), static_cast<float>(-top)),
               240 / static_cast<float>(side))};
    const auto single = faces_in(tight);
    EXPECT_EQ(single.size(), 1U) << height;
    EXPECT_EQ(count_found(expected, single), 1U) << height;
    sender camera;
    const auto& streamed = camera.send(tight);
    EXPECT_EQ(streamed.size(), 1U) << height;
    EXPECT_EQ(count_found(expected, streamed), 1U) << height;
  }
}

/// Three faces of 24 pixels in a picture of 1280×720. In the whole picture, the detector sees 5 pixels of
/// each.
scene far_faces() {
  constexpr int side = 118;
  const image small = testing::resized(portrait(), side, side);
  const rect face = scaled(portrait_face, static_cast<float>(side) / 512);
  scene s{testing::plain(1280, 720, 110), {}};
  for (const auto& [x, y] : {std::pair{60, 40}, {600, 300}, {1100, 560}}) {
    testing::paste(small, x, y, s.picture);
    s.faces.push_back(shifted(face, static_cast<float>(x), static_cast<float>(y)));
  }
  return s;
}

TEST(found_faces_test, far_faces_are_found_in_an_image_if_asked) {
  const scene s = far_faces();
  const auto found = faces_in(s.picture, far_analyzer());
  EXPECT_EQ(count_found(s.faces, found), 3U);
  EXPECT_EQ(found.size(), 3U);
}

TEST(found_faces_test, parts_are_searched_in_turns_if_faces_may_be_small) {
  auto o = shipped_models();
  const engine usual(o);
  o.far_faces = true;
  const engine far(o);
  const image frame = testing::plain(640, 480);
  const std::vector<rect> large{{100, 100, 200, 200}};
  const std::vector<rect> small{{100, 100, 200, 200}, {400, 100, 30, 30}};
  const auto count_corners = [&](const engine& e, const std::vector<rect>& known) {
    std::vector<std::pair<int, int>> corners;
    for (std::size_t i = 0; i < 8; ++i) {
      const region part = e.part_to_search(i, known, frame);
      EXPECT_EQ(part.width < 640, i % 2 == 1 && (&e == &far || &known == &small)) << i;
      corners.emplace_back(part.left, part.top);
    }
    return std::set(corners.begin(), corners.end()).size();
  };
  EXPECT_EQ(count_corners(usual, large), 1U);
  EXPECT_EQ(count_corners(usual, small), 4U);
  EXPECT_EQ(count_corners(far, large), 4U);
  EXPECT_EQ(count_corners(far, {}), 4U);
  EXPECT_EQ(usual.part_to_search(1, {}, frame).left, -160) << "no face is known: the frame with a border";
}

TEST(found_faces_test, far_faces_are_found_in_a_stream_part_by_part) {
  const scene s = far_faces();
  sender camera(far_analyzer(), {.detect_every = 1});
  camera.send(testing::plain(s.picture.width, s.picture.height));
  std::set<std::uint64_t> ids;
  // Every second search is of one of two parts.
  for (int i = 0; i < 6; ++i)
    for (const face& f : camera.send(s.picture)) ids.insert(f.id);
  const auto& found = camera.send(s.picture);
  EXPECT_EQ(count_found(s.faces, found), 3U);
  EXPECT_EQ(found.size(), 3U);
  EXPECT_EQ(ids.size(), 3U);
}

TEST(found_faces_test, a_crowd_appears_soon) {
  for (const scene& crowd : {group(4, 12, 160), group(10, 20, 64)}) {
    EXPECT_EQ(count_found(crowd.faces, faces_in(crowd.picture)), crowd.faces.size());
    sender camera;
    for (int i = 0; i < 3; ++i) camera.send(testing::plain(crowd.picture.width, crowd.picture.height));
    std::set<std::uint64_t> ids;
    for (int i = 0; i < 8; ++i)
      for (const face& f : camera.send(crowd.picture)) ids.insert(f.id);
    const auto& found = camera.send(crowd.picture);
    EXPECT_EQ(count_found(crowd.faces, found), crowd.faces.size());
    EXPECT_EQ(found.size(), crowd.faces.size());
    EXPECT_EQ(ids.size(), crowd.faces.size());
  }
}

TEST(found_faces_test, a_crowd_keeps_its_ids) {
  const scene crowd = group(4, 12, 160);
  sender camera;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 25; ++i)
    for (const face& f : camera.send(crowd.picture)) ids.insert(f.id);
  EXPECT_EQ(ids.size(), 12U);
}

/// The detector of tests/models/quadrants reports a face in a quadrant that is red.
struct red_quadrant_test : ::testing::Test {
  static analyzer make() {
    auto o = shipped_models();
    o.detector_model = testing::source_dir() / "tests/models/quadrants";
    return analyzer(o);
  }
  /// The lower right quadrant is red.
  static image red(int width, int height) {
    image all = testing::plain(width, height, 120);
    image quadrant = testing::plain(width / 2, height / 2, 20);
    for (std::size_t i = 0; i < quadrant.pixels.size(); i += 3) quadrant.pixels[i] = 250;
    testing::paste(quadrant, width / 2, height / 2, all);
    return all;
  }
  /// The same with a face where the detector reports one.
  static image with_face(int width, int height) {
    image all = red(width, height);
    const image head = testing::cropped(portrait(), {.left = 150, .top = 50, .width = 150, .height = 150});
    testing::paste(head, width * 3 / 4 - 75, height * 3 / 4 - 75, all);
    return all;
  }

  const analyzer models = make();
  sender camera{models, {.detect_every = 1}};
};

TEST_F(red_quadrant_test, a_face_is_found_there) {
  EXPECT_EQ(camera.send(with_face(640, 480)).size(), 1U);
}

TEST_F(red_quadrant_test, a_place_without_a_face_is_looked_at_again_some_seconds_later) {
  // The first frame is searched as a single image, the others whole and with a border in turn.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(camera.send(red(640, 480)).empty());
  int ms = 300;
  while (camera.send(with_face(640, 480)).empty() && ms < 5000) ms += 100;
  EXPECT_GE(ms, 1000);
  EXPECT_LT(ms, 5000);
}

/// In the smaller frame, three quarters of the detector's box lie in that of the larger frame.
TEST_F(red_quadrant_test, a_place_without_a_face_does_not_hide_a_face_at_another_one) {
  EXPECT_TRUE(camera.send(red(640, 480)).empty());
  EXPECT_EQ(camera.send(with_face(602, 452)).size(), 1U);
}

}  // namespace
}  // namespace emostream::vision
