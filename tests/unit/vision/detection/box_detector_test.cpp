#include "vision/detection/box_detector.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "temporary_folder.hpp"
#include "vision/files.hpp"

namespace emostream::vision {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

box_format format_of(bool from_corners, bool in_fractions, score_kind kind = score_kind::probabilities) {
  box_format f;
  f.input.width = 320;
  f.input.height = 240;
  f.from_corners = from_corners;
  f.in_fractions = in_fractions;
  f.kind = kind;
  return f;
}

rect decoded(const box_format& format, std::array<float, 4> box) {
  std::vector<detection> found;
  decode_boxes(format, 2, std::array{0.1F, 0.9F}, box, 0.5F, found);
  return found.at(0).box;
}

void expect_box(const rect& box) {
  EXPECT_FLOAT_EQ(box.x, 32);
  EXPECT_FLOAT_EQ(box.y, 48);
  EXPECT_FLOAT_EQ(box.width, 64);
  EXPECT_FLOAT_EQ(box.height, 120);
}

TEST(boxes_test, decodes_all_box_formats) {
  expect_box(decoded(format_of(true, true), {0.1F, 0.2F, 0.3F, 0.7F}));
  expect_box(decoded(format_of(true, false), {32, 48, 96, 168}));
  expect_box(decoded(format_of(false, true), {0.2F, 0.45F, 0.2F, 0.5F}));
  expect_box(decoded(format_of(false, false), {64, 108, 64, 120}));
}

TEST(boxes_test, decodes_all_score_formats) {
  const std::array<float, 8> boxes{0, 0, 1, 1, 0, 0, 0.5F, 0.5F};
  const auto found = [&](score_kind kind, std::size_t columns, std::vector<float> scores) {
    std::vector<detection> into;
    decode_boxes(format_of(true, true, kind), columns, scores, boxes, 0.3F, into);
    return into;
  };
  for (const auto& only : {found(score_kind::probabilities, 2, {0.2F, 0.8F, 0.9F, 0.1F}),
                           found(score_kind::probabilities, 1, {0.8F, 0.1F}),
                           found(score_kind::logits, 2, {3, 3 + 1.3862944F, 2, 0}),
                           found(score_kind::logits, 1, {1.3862944F, -2})}) {
    ASSERT_EQ(only.size(), 1U);
    EXPECT_NEAR(only[0].confidence, 0.8F, 1e-5);
    EXPECT_FLOAT_EQ(only[0].box.width, 320);
    EXPECT_FALSE(only[0].landmarks);
  }
}

TEST(boxes_test, invalid_values_are_rejected_or_clamped) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<detection> into;
  decode_boxes(format_of(true, true), 1, std::array{nan}, std::array{0.F, 0.F, 1.F, 1.F}, 0.3F, into);
  EXPECT_TRUE(into.empty());
  decode_boxes(format_of(true, true), 1, std::array{0.9F}, std::array{0.5F, 0.5F, 0.1F, 0.1F}, 0.3F, into);
  EXPECT_FLOAT_EQ(into.at(0).box.width, 0);
}

std::filesystem::path quadrants() {
  return testing::source_dir() / "tests/models/quadrants";
}

/// A gray image with one red quadrant; `column` and `row` are 0 or 1, other values give none.
image with_red(int width, int height, int column, int row) {
  image i{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool red = x * 2 / width == column && y * 2 / height == row;
      i.pixels.insert(i.pixels.end(),
                      {static_cast<std::uint8_t>(red ? 250 : 120), static_cast<std::uint8_t>(red ? 20 : 120),
                       static_cast<std::uint8_t>(red ? 20 : 120)});
    }
  }
  return i;
}

std::vector<detection> found_by(const detector& d, const image& in) {
  detection_scratch scratch;
  std::vector<detection> found;
  d.detect(in, whole(in), 0.5F, scratch, found);
  return found;
}

TEST(box_detector_test, reports_the_boxes_of_its_network) {
  const auto detector = load_detector(quadrants());
  EXPECT_EQ(detector->name(), "quadrants");
  EXPECT_EQ(detector->anchors(), 4U);
  EXPECT_TRUE(found_by(*detector, with_red(640, 480, 7, 7)).empty());
  for (const int column : {0, 1}) {
    for (const int row : {0, 1}) {
      const auto found = found_by(*detector, with_red(640, 360, column, row));
      ASSERT_EQ(found.size(), 1U);
      EXPECT_GT(found[0].confidence, 0.8F);
      EXPECT_NEAR(found[0].box.x, column == 0 ? 64 : 384, 0.01);
      EXPECT_NEAR(found[0].box.y, row == 0 ? 36 : 216, 0.01);
      EXPECT_NEAR(found[0].box.width, 192, 0.01);
      EXPECT_NEAR(found[0].box.height, 108, 0.01);
      EXPECT_FALSE(found[0].landmarks);
    }
  }
}

TEST(box_detector_test, rejects_a_manifest_that_does_not_match_the_network) {
  struct mistake {
    const char* from;
    const char* to;
    const char* message;
  };
  const auto bytes = testing::read(quadrants() / "model.toml");
  const std::string right(bytes.begin(), bytes.end());
  const temporary_folder folder;
  std::filesystem::copy_file(quadrants() / "model.onnx", folder.path() / "model.onnx");
  for (const auto& [from, to, message] : {
           mistake{"width = 32", "width = 40", "input makes a [N, 3, 24, 40]"},
           mistake{"scores = \"scores\"", "scores = \"odds\"",
                   "output.scores must be one of \"scores\", \"boxes\", not \"odds\""},
           mistake{"scores = \"scores\"", "scores = \"boxes\"",
                   "output.scores must be an output [1, 4, 2] or [1, 4, 1]"},
           mistake{"boxes = \"boxes\"", "boxes = \"scores\"", "\"scores\" is a [1, 4, 2]"},
       }) {
    std::string text = right;
    folder.write("model.toml", text.replace(text.find(from), std::string(from).size(), to));
    EXPECT_THAT([&] { load_detector(folder.path()); }, ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  }
}

TEST(detector_test, loads_blazeface_from_a_folder_or_a_file) {
  const temporary_folder folder;
  folder.write("model.toml", "kind = \"detector\"\nname = \"mine\"\nfamily = \"blazeface\"");
  std::filesystem::copy_file(testing::blazeface("front"), folder.path() / "model.onnx");
  EXPECT_EQ(load_detector(folder.path())->name(), "mine");
  EXPECT_EQ(load_detector(testing::blazeface("front"))->name(), "blazeface-front-128");
  EXPECT_EQ(load_detector(testing::blazeface("back"))->anchors(), 896U);

  std::filesystem::copy_file(quadrants() / "model.onnx", folder.path() / "model.onnx",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT([&] { load_detector(folder.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("model.toml: file is not a BlazeFace")));
  EXPECT_THAT([&] { load_detector(quadrants() / "model.onnx"); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("quadrants/model.onnx: it is not a BlazeFace of 128×128 or 256×256"),
                        HasSubstr("any other model is named by its folder"))));
}

}  // namespace
}  // namespace emostream::vision
