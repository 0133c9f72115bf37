#include "evaluation/report.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace emostream::evaluation {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

report example() {
  report r{.folder = "faces",
           .detector = "finder",
           .classifier = "namer",
           .labels = {"neutral", "fear", "joy"},
           .matrix = confusion_matrix(3),
           .unreadable = {{"faces/joy/a.png", "the image is empty"}},
           .unlabelled = 2,
           .mean_ms = {.decode = 0.5, .detect = 7.25, .classify = 1.0 / 3},
           .threads = 2};
  for (int i = 0; i < 10; ++i) r.matrix.add(0, 0);
  r.matrix.add(0, 1);
  r.matrix.add(0, std::nullopt);
  r.matrix.add(1, 0);
  r.matrix.add(1, 1);
  for (int i = 0; i < 4; ++i) r.confidence_calibration.add(0.875, i < 3);
  return r;
}

TEST(report_test, is_printed_as_text) {
  EXPECT_EQ(to_text(example()),
            R"(namer with detector finder, 14 images in faces

accuracy        78.57 %  11 of 14, 95 %: 52.41 to 92.43 %
with a face     84.62 %  11 of 13, 95 %: 57.77 to 95.67 %
no face         1
unreadable      1, not counted above
macro recall    66.67 %
macro F1        0.685
calibration     0.125 expected error

  label    images   recall  precision     F1
  neutral      12  83.33 %    90.91 %  0.870
  fear          2  50.00 %    50.00 %  0.500
  joy           0        -          -      -

confusion matrix (rows: labels, columns: predictions)
           neutral  fear  joy  no face
  neutral       10     1    0        1
  fear           1     1    0        0
  joy            0     0    0        0

mean time with 2 threads: decode 0.50 ms, detect 7.25 ms per image, classify 0.33 ms per face
)");
}

TEST(report_test, omits_face_detection_for_crops) {
  auto r = example();
  r.cropped = true;
  r.matrix = confusion_matrix(3);
  r.matrix.add(1, 1);
  r.threads = 1;
  r.unreadable.clear();
  const auto text = to_text(r);
  EXPECT_THAT(text, HasSubstr("namer, 1 crop in faces\n"));
  EXPECT_THAT(text, HasSubstr("with 1 thread: decode 0.50 ms per image, classify"));
  for (const auto* word : {"no face", "with a face", "finder", "detect", "unreadable"})
    EXPECT_THAT(text, Not(HasSubstr(word)));
  EXPECT_EQ(to_json(r).at("detector"), nullptr);
  EXPECT_EQ(to_json(r).at("cropped"), true);
}

TEST(report_test, is_printed_as_json) {
  const auto expected = json::parse(R"({
    "folder": "faces", "cropped": false, "detector": "finder", "classifier": "namer",
    "labels": ["neutral", "fear", "joy"],
    "images": 14, "no_face": 1, "unreadable": [{"file": "faces/joy/a.png", "error": "the image is empty"}],
    "unlabelled": 2,
    "accuracy": 0.785714, "accuracy_95": [0.524108, 0.924286],
    "accuracy_of_found": 0.846154, "accuracy_of_found_95": [0.577654, 0.956742],
    "macro_recall": 0.666667, "macro_f1": 0.684783, "calibration_error": 0.125,
    "classes": [
      {"label": "neutral", "images": 12, "no_face": 1, "recall": 0.833333, "precision": 0.909091, "f1": 0.869565},
      {"label": "fear", "images": 2, "no_face": 0, "recall": 0.5, "precision": 0.5, "f1": 0.5},
      {"label": "joy", "images": 0, "no_face": 0, "recall": null, "precision": null, "f1": null}],
    "confusion": [[10, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]],
    "mean_ms": {"decode": 0.5, "detect": 7.25, "classify": 0.333333}, "workers": 2})");
  EXPECT_EQ(json::serialize(to_json(example())), json::serialize(expected));
}

TEST(report_test, has_no_scores_if_no_image_could_be_read) {
  auto r = example();
  r.matrix = confusion_matrix(3);
  r.confidence_calibration = {};
  EXPECT_THAT(to_text(r), HasSubstr("accuracy        -  0 of 0\n"));
  EXPECT_EQ(to_json(r).at("calibration_error"), nullptr);
  EXPECT_EQ(to_json(r).at("accuracy"), nullptr);
  EXPECT_EQ(to_json(r).at("accuracy_95"), nullptr);
  EXPECT_EQ(to_json(r).at("macro_f1"), nullptr);
}

}  // namespace
}  // namespace emostream::evaluation
