#include "vision/stream.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "vision/encode.hpp"
#include "vision/files.hpp"
#include "vision/oriented.hpp"
#include "vision/shipped_models.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::shipped_analyzer;

/// The portrait shifted by x and y pixels, on a larger background.
image portrait_at(int x, int y) {
  static const image portrait =
      *decode(testing::read(testing::source_dir() / "tests/media/portrait.jpg"), {});
  image i = testing::gradient(640, 512);
  for (int row = 0; row < 512; ++row) {
    for (int column = 0; column < 512; ++column) {
      const int to_x = column + x;
      const int to_y = row + y;
      if (to_x < 0 || to_x >= 640 || to_y < 0 || to_y >= 512) continue;
      std::copy_n(&portrait.pixels[static_cast<std::size_t>((row * 512 + column) * 3)], 3,
                  &i.pixels[static_cast<std::size_t>((to_y * 640 + to_x) * 3)]);
    }
  }
  return i;
}

bytes empty_frame() {
  return testing::to_jpeg(testing::gradient(640, 512));
}

/// Sends frames to a stream, ten per second.
class sender {
 public:
  explicit sender(const stream_options& options = {}, const analyzer& a = shipped_analyzer())
      : stream_(a.open_stream(options)) {}

  const analysis& send(const bytes& encoded, const frame_options& options = {}) {
    now_ += milliseconds{100};
    error = stream_.analyze(encoded, options, now_, result_);
    return result_;
  }
  std::error_code error;

 private:
  stream stream_;
  time_point now_{std::chrono::hours{1}};
  analysis result_;
};

TEST(stream_test, a_moving_face_is_tracked_and_keeps_its_id) {
  sender s;
  for (int i = 0; i < 12; ++i) {
    const auto& result = s.send(testing::to_jpeg(portrait_at(9 * i, 3 * i)));
    ASSERT_FALSE(s.error);
    ASSERT_EQ(result.faces.size(), 1U) << i;
    const face& f = result.faces[0];
    EXPECT_EQ(f.id, 1U);
    const auto x = static_cast<float>(9 * i);
    const auto y = static_cast<float>(3 * i);
    EXPECT_GT(iou(f.box, {173 + x, 75 + y, 104, 104}), 0.8F) << i;
    EXPECT_NEAR((*f.landmarks)[left_eye].x, 203 + x, 6) << i;
    EXPECT_NEAR((*f.landmarks)[left_eye].y, 103 + y, 6) << i;
    EXPECT_NEAR(f.pose->roll, 0, 5);
    ASSERT_TRUE(f.reading);
    EXPECT_EQ(shipped_analyzer().labels().at(dominant_label(*f.reading)), "happiness") << i;
  }
}

TEST(stream_test, turned_frames_are_detected_and_tracked_in_the_upright_picture) {
  for (int value = 1; value <= 8; ++value) {
    sender s;
    for (int i = 0; i < 3; ++i) {
      const image turned = testing::stored(portrait_at(9 * i, 0), value);
      const auto& result = s.send(testing::with_exif(testing::to_jpeg(turned), testing::exif_block(value)));
      ASSERT_FALSE(s.error);
      EXPECT_EQ(result.width, 640);
      EXPECT_EQ(result.height, 512);
      ASSERT_EQ(result.faces.size(), 1U) << value;
      EXPECT_EQ(result.faces[0].id, 1U) << value;
      EXPECT_GT(iou(result.faces[0].box, {173 + static_cast<float>(9 * i), 75, 104, 104}), 0.8F) << value;
    }
    const bytes frame = testing::with_exif(empty_frame(), testing::exif_block(value));
    EXPECT_EQ(s.send(frame, {.upright = false}).width, 640) << value;
  }
}

TEST(stream_test, a_lost_face_is_removed_immediately_and_found_again_soon) {
  sender s;
  const auto encoded = testing::to_jpeg(portrait_at(40, 0));
  s.send(encoded);
  s.send(encoded);
  EXPECT_TRUE(s.send(empty_frame()).faces.empty());
  s.send(encoded);
  const auto& back = s.send(encoded);
  ASSERT_EQ(back.faces.size(), 1U);
  EXPECT_EQ(back.faces[0].id, 1U);
}

TEST(stream_test, detects_in_every_frame_if_detect_every_is_one) {
  sender s({.detect_every = 1});
  EXPECT_TRUE(s.send(empty_frame()).faces.empty());
  EXPECT_EQ(s.send(testing::to_jpeg(portrait_at(0, 0))).faces.size(), 1U);
  EXPECT_TRUE(s.send(empty_frame()).faces.empty());
}

TEST(stream_test, detection_is_due_after_a_number_of_frames_or_a_time) {
  const auto encoded = testing::to_jpeg(portrait_at(0, 0));
  // Intervals are a third while no face is visible.
  sender frames({.detect_every = 12, .detect_after = milliseconds{60'000}});
  sender time({.detect_every = 1000, .detect_after = milliseconds{900}});
  sender loaded({.detect_every = 12, .detect_after = milliseconds{900}});
  for (sender* s : {&frames, &time, &loaded}) s->send(empty_frame());
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(frames.send(encoded).faces.size(), i == 4 ? 1U : 0U) << i;
    EXPECT_EQ(time.send(encoded).faces.size(), i >= 3 ? 1U : 0U) << i;
    EXPECT_EQ(loaded.send(encoded, {.under_load = true}).faces.size(), i == 4 ? 1U : 0U) << i;
  }
}

/// Two portraits side by side, of which the right one is absent at first.
bytes pair_of_portraits(bool both) {
  static const image portrait =
      *decode(testing::read(testing::source_dir() / "tests/media/portrait.jpg"), {});
  image i = testing::gradient(1024, 512);
  for (std::size_t row = 0; row < 512; ++row) {
    const auto from = portrait.pixels.begin() + static_cast<std::ptrdiff_t>(row * 512 * 3);
    const auto to = i.pixels.begin() + static_cast<std::ptrdiff_t>(row * 1024 * 3);
    std::copy_n(from, 512 * 3, to);
    if (both) std::copy_n(from, 512 * 3, to + std::ptrdiff_t{512 * 3});
  }
  return testing::to_jpeg(i);
}

// Beside a known face every second detection is only a check.
TEST(stream_test, a_face_that_appears_beside_a_known_one_is_found_by_each_detection) {
  for (const int before : {6, 12}) {
    sender s({.detect_every = 6, .detect_after = milliseconds{60'000}});
    for (int i = 0; i < before; ++i) EXPECT_EQ(s.send(pair_of_portraits(false)).faces.size(), 1U) << i;
    EXPECT_EQ(s.send(pair_of_portraits(true)).faces.size(), 2U) << before;
  }
}

TEST(stream_test, the_phase_advances_the_second_detection) {
  const auto encoded = testing::to_jpeg(portrait_at(0, 0));
  sender s({.detect_every = 24, .detect_after = milliseconds{60'000}, .detection_phase = 24 + 5});
  s.send(empty_frame());  // the interval is a third while no face is visible
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(s.send(encoded).faces.size(), i == 3 ? 1U : 0U) << i;
}

TEST(stream_test, detections_that_fail_verification_are_not_reported) {
  const auto quadrants = testing::source_dir() / "tests/models/quadrants";
  image red_quadrant{640, 480, {}};
  for (int y = 0; y < 480; ++y)
    for (int x = 0; x < 640; ++x) {
      const bool is_red = x >= 320 && y >= 240;
      const auto other = static_cast<std::uint8_t>(is_red ? 20 : 120);
      red_quadrant.pixels.insert(red_quadrant.pixels.end(),
                                 {static_cast<std::uint8_t>(is_red ? 250 : 120), other, other});
    }
  for (const bool verify : {false, true}) {
    analyzer_options options = testing::shipped_models();
    options.detector_model = quadrants;
    if (!verify) options.second_detector_model.clear();
    const analyzer a(options);
    sender s({}, a);
    EXPECT_EQ(s.send(testing::to_png(red_quadrant), {.min_confidence = 0.3F}).faces.size(), verify ? 0U : 1U);
  }
}

TEST(stream_test, faces_are_classified_in_turns) {
  image two{1280, 512, {}};
  const image one = portrait_at(0, 0);
  for (int row = 0; row < 512; ++row)
    for (int copy = 0; copy < 2; ++copy)
      two.pixels.insert(two.pixels.end(), one.pixels.begin() + row * 640L * 3,
                        one.pixels.begin() + (row + 1) * 640L * 3);
  analyzer_options options = testing::shipped_models();
  options.max_classified = 1;
  const analyzer a(options);
  sender s({}, a);
  for (const int expected : {1, 2, 2}) {
    const auto& faces = s.send(testing::to_jpeg(two)).faces;
    ASSERT_EQ(faces.size(), 2U);
    EXPECT_EQ(std::ranges::count_if(faces, [](const face& f) { return f.reading.has_value(); }), expected);
  }
}

TEST(stream_test, the_reading_of_an_unchanged_face_is_reused_for_a_while) {
  sender uncached({.reuse_for = milliseconds{0}});
  sender caching({.reuse_for = milliseconds{250}});
  label_scores first;
  for (int i = 0; i < 5; ++i) {
    const auto encoded = testing::to_jpeg(portrait_at(i % 2, 0));
    const face& computed = uncached.send(encoded).faces.at(0);
    const face& reused = caching.send(encoded).faces.at(0);
    ASSERT_TRUE(reused.reading);
    if (i == 0) first = reused.reading->probabilities;
    EXPECT_EQ(reused.reading->probabilities == first, i < 3) << i;
    for (std::size_t k = 0; k < first.size(); ++k)
      EXPECT_NEAR(reused.reading->probabilities[k], computed.reading->probabilities[k], 0.05F) << i;
  }
}

TEST(stream_test, an_invalid_frame_has_no_effect) {
  sender s;
  const auto encoded = testing::to_jpeg(portrait_at(0, 0));
  s.send(encoded);
  s.send(bytes{1, 2, 3});
  EXPECT_EQ(s.error, image_error::unknown_format);
  auto truncated = encoded;
  truncated.resize(truncated.size() / 2);
  s.send(truncated);
  EXPECT_EQ(s.error, image_error::corrupt);
  EXPECT_EQ(s.send(encoded).faces.at(0).id, 1U);
}

TEST(stream_test, a_frame_can_raise_the_minimum_confidence) {
  sender s;
  const auto encoded = testing::to_jpeg(portrait_at(0, 0));
  s.send(encoded);
  EXPECT_TRUE(s.send(encoded, {.min_confidence = 1.0F}).faces.empty());
}

TEST(stream_test, accepts_a_change_of_the_frame_size) {
  sender s;
  s.send(testing::to_jpeg(portrait_at(0, 0)));
  const auto& result = s.send(testing::to_jpeg(testing::gradient(64, 48)));
  EXPECT_FALSE(s.error);
  EXPECT_EQ(result.width, 64);
  EXPECT_TRUE(result.faces.empty());
}

/// The frames of a video, as JPEGs at ten frames per second. The project cannot distribute these videos.
std::vector<bytes> frames_of(const std::string& name) {
  const auto folder = testing::media_folder();
  const std::string command = "ffmpeg -v error -i '" + (folder / name).string() +
                              "' -r 10 -vf scale=640:-2 -f image2pipe -c:v mjpeg -q:v 4 -";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  bytes all;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get()))
    all.push_back(static_cast<std::uint8_t>(c));
  std::vector<bytes> frames;
  constexpr std::array<std::uint8_t, 2> end{0xFF, 0xD9};
  for (auto rest = std::span(all); !rest.empty();) {
    const auto found = std::ranges::search(rest, end);
    const auto size = found.empty() ? rest.size() : static_cast<std::size_t>(found.end() - rest.begin());
    frames.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    rest = rest.subspan(size);
  }
  return frames;
}

struct video_case {
  const char* name;
  int from;  ///< the first frame with the face; it must be reported within one detection interval
  int to;    ///< the first frame without it
};
class videos_test : public ::testing::TestWithParam<video_case> {};

TEST_P(videos_test, have_one_id_for_the_face_and_no_false_detections) {
  const auto& [name, from, to] = GetParam();
  if (!exists(testing::media_folder() / name)) GTEST_SKIP() << "no " << name << "; see EMOSTREAM_MEDIA";
  const auto frames = frames_of(name);
  ASSERT_GT(frames.size(), 20U) << "ffmpeg";
  sender s;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < static_cast<int>(frames.size()); ++i) {
    const auto& faces = s.send(frames[static_cast<std::size_t>(i)]).faces;
    ASSERT_FALSE(s.error) << s.error.message();
    if (i < from || i >= to) {
      EXPECT_TRUE(faces.empty()) << i;
    }
    if (i >= from + stream_options{}.detect_every && i < to) {
      EXPECT_EQ(faces.size(), 1U) << i;
    }
    for (const face& f : faces) ids.insert(f.id);
  }
  EXPECT_EQ(ids.size(), from == to ? 0U : 1U);
}

INSTANTIATE_TEST_SUITE_P(media, videos_test,
                         ::testing::Values(video_case{"single_face.mp4", 0, 1000},
                                           video_case{"face_noface.mov", 0, 26},
                                           video_case{"noface_face.mov", 40, 1000},
                                           video_case{"no_face.mp4", 0, 0}),
                         [](const auto& of) {
                           const std::string name = of.param.name;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace emostream::vision
