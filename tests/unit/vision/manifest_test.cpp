#include "vision/manifest.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "temporary_folder.hpp"
#include "vision/files.hpp"

namespace emostream::vision {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A minimal manifest of a classifier.
const std::string minimal_classifier = R"(
name = "tiny"
[input]
width = 48
channels = "rgb"
[output]
kind = "logits"
labels = ["neutral", "Happy"]
[framing]
left_eye = [0.3, 0.4]
right_eye = [0.7, 0.4]
)";

/// A minimal manifest of a detector of the family `boxes`.
const std::string minimal_detector = R"(
kind = "detector"
name = "finder"
family = "boxes"
[input]
width = 320
height = 240
channels = "rgb"
[output]
scores = "scores"
boxes = "boxes"
kind = "probabilities"
)";

/// The text with `from` replaced by `to`; by default, that of the minimal classifier.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("not found: " + std::string(from));
  return text.replace(at, from.size(), to);
}
std::string replaced(std::string_view from, std::string_view to) {
  return replaced(minimal_classifier, from, to);
}

/// A temporary folder with this model.toml.
class manifest_folder : public temporary_folder {
 public:
  explicit manifest_folder(const std::string& content) { write("model.toml", content); }
};

TEST(manifest_test, optional_keys_have_defaults) {
  const manifest_folder folder(minimal_classifier);
  const auto m = read_classifier_manifest(folder.path());
  EXPECT_EQ(m.source, folder.path() / "model.toml");
  EXPECT_EQ(m.name, "tiny");
  EXPECT_EQ(m.version, "");
  EXPECT_EQ(m.file, folder.path() / "model.onnx");
  EXPECT_EQ(m.input_name, "");
  EXPECT_EQ(m.input.width, 48);
  EXPECT_EQ(m.input.height, 48);
  EXPECT_EQ(m.input.layout, tensor_layout::nchw);
  EXPECT_FLOAT_EQ(m.input.scale[0], 1);
  EXPECT_FLOAT_EQ(m.input.offset[0], 0);
  EXPECT_EQ(m.output_name, "");
  EXPECT_THAT(m.labels, ElementsAre("neutral", "Happy"));
  EXPECT_FALSE(m.affect_outputs);
  EXPECT_FLOAT_EQ(m.label_affects.at(1).valence, affect_of_label("happiness")->valence);
  EXPECT_FLOAT_EQ(std::get<eye_layout>(m.alignment).left_eye.x, 0.3F);
}

TEST(manifest_test, reads_the_keys_of_a_classifier) {
  const manifest_folder folder(R"(
kind = "expression"
name = "mine"
version = "2.1"
file = "net.onnx"
[input]
name = "pixels"
width = 224
height = 224
channels = "bgr"
layout = "NHWC"
range = [0, 1]
mean = [0.4, 0.5, 0.6]
std = [0.2, 0.25, 0.5]
[output]
name = "scores"
kind = "probabilities"
labels = ["a", "b"]
valence = "v"
arousal = { output = "more", column = 3 }
[framing]
margin = 0.25
)");
  const auto m = read_classifier_manifest(folder.path());
  EXPECT_EQ(m.version, "2.1");
  EXPECT_EQ(m.file.filename(), "net.onnx");
  EXPECT_EQ(m.input_name, "pixels");
  EXPECT_EQ(m.input.channels, channel_order::bgr);
  EXPECT_EQ(m.input.layout, tensor_layout::nhwc);
  EXPECT_NEAR(255 * m.input.scale[0] + m.input.offset[0], (1 - 0.4) / 0.2, 1e-5);
  EXPECT_NEAR(255 * m.input.scale[2] + m.input.offset[2], (1 - 0.6) / 0.5, 1e-5);
  EXPECT_NEAR(m.input.offset[1], -0.5 / 0.25, 1e-5);
  EXPECT_EQ(m.output_name, "scores");
  EXPECT_EQ(m.kind, score_kind::probabilities);
  ASSERT_TRUE(m.affect_outputs);
  EXPECT_EQ(m.affect_outputs->valence.output, "v");
  EXPECT_EQ(m.affect_outputs->valence.column, 0);
  EXPECT_EQ(m.affect_outputs->arousal.output, "more");
  EXPECT_EQ(m.affect_outputs->arousal.column, 3);
  EXPECT_TRUE(m.label_affects.empty());
  EXPECT_FLOAT_EQ(std::get<box_alignment>(m.alignment).margin, 0.25F);
}

TEST(manifest_test, a_range_maps_black_and_white) {
  const manifest_folder folder(replaced("channels = \"rgb\"", "channels = \"rgb\"\nrange = [-1, 1]"));
  const auto f = read_classifier_manifest(folder.path()).input;
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_FLOAT_EQ(f.offset[c], -1);
    EXPECT_NEAR(255 * f.scale[c] + f.offset[c], 1, 1e-6);
  }
}

TEST(manifest_test, the_affect_table_defines_the_affect_of_labels) {
  const manifest_folder folder(replaced("\"Happy\"]", "\"Happy\", \"hungry\"]") +
                               "[affect]\nhungry = [-0.5, 0.25]\nHappy = [1, 1]");
  const auto affects = read_classifier_manifest(folder.path()).label_affects;
  EXPECT_FLOAT_EQ(affects.at(0).valence, 0);
  EXPECT_FLOAT_EQ(affects.at(1).arousal, 1);
  EXPECT_FLOAT_EQ(affects.at(2).valence, -0.5F);
  EXPECT_FLOAT_EQ(affects.at(2).arousal, 0.25F);
}

TEST(manifest_test, affect_can_be_columns_of_the_labels_output) {
  const manifest_folder folder(replaced("[framing]", "valence = 2\narousal = 3\n[framing]"));
  const auto outputs = read_classifier_manifest(folder.path()).affect_outputs;
  ASSERT_TRUE(outputs);
  EXPECT_EQ(outputs->arousal.output, "");
  EXPECT_EQ(outputs->arousal.column, 3);
}

TEST(manifest_test, accepts_the_shipped_models) {
  EXPECT_EQ(read_classifier_manifest(testing::classifier_model()).input.channels, channel_order::gray);
  EXPECT_TRUE(read_classifier_manifest(testing::classifier_model()).input.is_plain_gray());
  EXPECT_EQ(read_detector_manifest(testing::blazeface("front")).file, testing::blazeface("front"));
}

TEST(manifest_test, reads_a_box_detector) {
  const manifest_folder folder(minimal_detector);
  const auto m = read_detector_manifest(folder.path());
  EXPECT_EQ(m.family, detector_family::boxes);
  EXPECT_EQ(m.boxes.input.width, 320);
  EXPECT_EQ(m.boxes.input.height, 240);
  EXPECT_EQ(m.boxes.fit, fit_mode::letterbox);
  EXPECT_TRUE(m.boxes.from_corners);
  EXPECT_TRUE(m.boxes.in_fractions);
  EXPECT_FLOAT_EQ(m.boxes.max_iou, 0.3F);
  EXPECT_FLOAT_EQ(m.boxes.eyes.left_eye.x, 0.3F);

  const manifest_folder other(
      replaced(replaced(minimal_detector, "height = 240", "height = 240\nfit = \"stretch\""), "kind = \"prob",
               "box = \"centre\"\nunit = \"pixels\"\nmax_overlap = 0.5\nkind = \"prob") +
      "[framing]\nleft_eye = [0.2, 0.3]\nright_eye = [0.8, 0.3]");
  const auto changed = read_detector_manifest(other.path()).boxes;
  EXPECT_EQ(changed.fit, fit_mode::stretch);
  EXPECT_FALSE(changed.from_corners);
  EXPECT_FALSE(changed.in_fractions);
  EXPECT_FLOAT_EQ(changed.max_iou, 0.5F);
  EXPECT_FLOAT_EQ(changed.eyes.right_eye.x, 0.8F);
}

TEST(manifest_test, a_blazeface_needs_no_input_or_output_keys) {
  const manifest_folder folder(
      "kind = \"detector\"\nname = \"b\"\nfamily = \"blazeface\"\nfile = \"f.onnx\"");
  const auto m = read_detector_manifest(folder.path());
  EXPECT_EQ(m.family, detector_family::blazeface);
  EXPECT_EQ(m.name, "b");
}

TEST(manifest_test, rejects_a_model_of_the_other_kind) {
  const manifest_folder expression(minimal_classifier);
  const manifest_folder detector(minimal_detector);
  EXPECT_THAT([&] { read_detector_manifest(expression.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("kind must be \"detector\"")));
  EXPECT_THAT([&] { read_classifier_manifest(detector.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("kind must be \"expression\"")));
  EXPECT_TRUE(std::holds_alternative<classifier_manifest>(read_manifest(expression.path())));
  EXPECT_TRUE(std::holds_alternative<detector_manifest>(read_manifest(detector.path())));
}

struct mistake {
  std::string content;
  std::string key;
  std::string what = "must be ";  ///< expected in the message, besides the key
};

/// Expects an error that names the key, for each mistake.
void expect_errors(const std::vector<mistake>& mistakes) {
  const temporary_folder folder;
  for (const auto& [content, key, what] : mistakes) {
    folder.write("model.toml", content);
    EXPECT_THAT([&] { read_manifest(folder.path()); },
                ThrowsMessage<std::runtime_error>(
                    AllOf(HasSubstr("model.toml"), HasSubstr(key + ' '), HasSubstr(what))))
        << content;
  }
}

TEST(manifest_test, errors_name_the_key_of_a_classifier) {
  const auto input = [](const std::string& line) {
    return replaced("channels = \"rgb\"", "channels = \"rgb\"\n" + line);
  };
  const auto output = [](const std::string& line) { return replaced("[framing]", line + "\n[framing]"); };
  const std::string missing = "is missing";
  expect_errors({
      {replaced("name = \"tiny\"", ""), "name", missing},
      {replaced("\"tiny\"", "7"), "name", "a non-empty string, not 7"},
      {replaced("\"tiny\"", "\"\""), "name"},
      {"kind = \"tracker\"\n" + minimal_classifier, "kind", "\"expression\" or \"detector\", not 'tracker'"},
      {"version = 1.5\n" + minimal_classifier, "version", "a non-empty string, not 1.5"},
      {"file = [\"a\"]\n" + minimal_classifier, "file", "a non-empty string, not [ 'a' ]"},
      {"colour = \"rgb\"\n" + minimal_classifier, "colour", "is not a key"},
      {"family = \"blazeface\"\n" + minimal_classifier, "family", "is not a key"},
      {replaced("width = 48", ""), "input.width", missing + ": it must be a whole number from 16 to 512"},
      {replaced("width = 48", "width = 47.5"), "input.width", "not 47.5"},
      {replaced("width = 48", "width = 100000"), "input.width", "not 100000"},
      {replaced("width = 48", "width = \"48\""), "input.width", "not '48'"},
      {input("height = 64"), "input.height", "must be 48, as input.width, not 64"},
      {input("name = 1"), "input.name"},
      {replaced("\"rgb\"", "\"yuv\""), "input.channels", "\"gray\", \"rgb\" or \"bgr\", not 'yuv'"},
      {replaced("channels = \"rgb\"", ""), "input.channels", missing},
      {input("layout = \"CHW\""), "input.layout", "\"NCHW\" or \"NHWC\""},
      {input("range = 255"), "input.range", "an array of 2 numbers"},
      {input("range = [0, \"1\"]"), "input.range"},
      {input("range = [0, nan]"), "input.range"},
      {input("range = [1, 1]"), "input.range", "two different numbers"},
      {input("mean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]"), "input.range", missing + ": beside mean"},
      {input("range = [0, 1]\nmean = [0.5, 0.5, 0.5]"), "input.std", missing},
      {input("range = [0, 1]\nmean = [0.5]\nstd = [0.5, 0.5, 0.5]"), "input.mean", "3 numbers"},
      {input("range = [0, 1]\nmean = [0, 0, 0]\nstd = [1, 0, 1]"), "input.std"},
      {input("norm = 1"), "input.norm", "is not a key"},
      {input("fit = \"stretch\""), "input.fit", "is not a key"},
      {replaced("\"logits\"", "\"percent\""), "output.kind", "\"logits\" or \"probabilities\""},
      {replaced("kind = \"logits\"", ""), "output.kind", missing},
      {output("name = true"), "output.name"},
      {replaced("[\"neutral\", \"Happy\"]", "[]"), "output.labels"},
      {replaced("[\"neutral\", \"Happy\"]", "\"Happy\""), "output.labels",
       "a non-empty array of distinct non-empty strings"},
      {replaced("[\"neutral\", \"Happy\"]", "[\"Happy\"]"), "output.labels", "at least 2 labels"},
      {replaced("[\"neutral\", \"Happy\"]", "[\"Happy\", \"Happy\"]"), "output.labels", "distinct"},
      {replaced("\"Happy\"]", "1]"), "output.labels"},
      {replaced("\"Happy\"]", "\"\"]"), "output.labels"},
      {replaced("\"Happy\"]", "\"hungry\"]"), "affect", "\"hungry\""},
      {minimal_classifier + "[affect]\nsleepy = [0, 0]", "affect.sleepy", "not one of output.labels"},
      {minimal_classifier + "[affect]\nHappy = [2, 0]", "affect.Happy", "from -1 to 1"},
      {minimal_classifier + "[affect]\nHappy = [0]", "affect.Happy", "2 numbers"},
      {"affect = 1\n" + minimal_classifier, "affect", "a table, not 1"},
      {output("valence = \"v\""), "output.arousal", missing},
      {output("arousal = \"a\""), "output.valence", missing},
      {output("valence = 1.5\narousal = 2"), "output.valence"},
      {output("valence = -1\narousal = 2"), "output.valence", "whole number"},
      {output("valence = {column = 1}\narousal = 2"), "output.valence.output", missing},
      {output("valence = {output = \"x\"}\narousal = 2"), "output.valence.column", missing},
      {output("valence = 2\narousal = 3") + "[affect]\nHappy = [0, 0]", "affect", "cannot be combined"},
      {replaced("left_eye = [0.3, 0.4]", ""), "framing.left_eye", missing},
      {replaced("[0.3, 0.4]", "[0.3]"), "framing.left_eye"},
      {replaced("[0.3, 0.4]", "[0.3, 4.0]"), "framing.left_eye", "from 0 to 1"},
      {replaced("[0.3, 0.4]", "[0.3, nan]"), "framing.left_eye"},
      {replaced("[0.7, 0.4]", "[0.2, 0.4]"), "framing.right_eye", "to the right"},
      {minimal_classifier + "margin = 0.1", "framing", "not both"},
      {minimal_classifier.substr(0, minimal_classifier.find("[framing]")), "framing", missing},
      {replaced("left_eye = [0.3, 0.4]\nright_eye = [0.7, 0.4]", "margin = -0.5"), "framing.margin"},
  });
}

TEST(manifest_test, errors_name_the_key_of_a_detector) {
  const std::string missing = "is missing";
  expect_errors({
      {replaced(minimal_detector, "\"boxes\"", "\"yolo\""), "family",
       "\"blazeface\" or \"boxes\", not 'yolo'"},
      {replaced(minimal_detector, "family = \"boxes\"", ""), "family", missing},
      {replaced(minimal_detector, "name = \"finder\"", ""), "name", missing},
      {replaced(minimal_detector, "width = 320", "width = 4096"), "input.width", "from 16 to 2048"},
      {replaced(minimal_detector, "height = 240", "fit = \"crop\""), "input.fit"},
      {replaced(minimal_detector, "scores = \"scores\"", ""), "output.scores", missing},
      {replaced(minimal_detector, "boxes = \"boxes\"\nkind", "kind"), "output.boxes", missing},
      {replaced(minimal_detector, "\"probabilities\"", "\"odds\""), "output.kind"},
      {minimal_detector + "box = \"edges\"", "output.box"},
      {minimal_detector + "unit = \"percent\"", "output.unit"},
      {minimal_detector + "max_overlap = 2", "output.max_overlap"},
      {minimal_detector + "labels = [\"face\"]", "output.labels", "is not a key"},
      {minimal_detector + "[framing]\nmargin = 1", "framing.left_eye", missing},
      {replaced(minimal_detector, "family = \"boxes\"", "family = \"blazeface\""), "input.channels",
       "is not a key"},
  });
}

TEST(manifest_test, a_syntax_error_is_reported_with_its_line) {
  const manifest_folder folder("name = \"x\"\n[framing");
  EXPECT_THAT([&] { read_manifest(folder.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("model.toml:2: ")));
}

TEST(manifest_test, the_error_names_a_missing_folder) {
  EXPECT_THAT([] { read_manifest("no/such"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("no/such/model.toml")));
}

}  // namespace
}  // namespace emostream::vision
