#include "cli/model_report.hpp"

#include <array>
#include <string>

#include <gmock/gmock.h>

namespace emostream::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Tests run in the root of the source tree.
const std::string test_models = "tests/models/";

TEST(model_report_test, describes_a_classifier) {
  const auto r = check_model(test_models + "colours");
  EXPECT_EQ(r.error, "");
  const auto json = as_json(std::array{r});
  EXPECT_EQ(json.at("ok"), true);
  const auto& one = json.at("models").at(0);
  EXPECT_EQ(one.at("kind"), "expression");
  EXPECT_EQ(one.at("name"), "colours");
  EXPECT_EQ(one.at("version"), "0.1");
  EXPECT_EQ(one.at("file"), "tests/models/colours/model.onnx");
  EXPECT_EQ(one.at("bytes"), std::filesystem::file_size(test_models + "colours/model.onnx"));
  EXPECT_EQ(one.at("input"),
            (boost::json::object{{"width", 32}, {"height", 32}, {"channels", "rgb"}, {"layout", "NHWC"}}));
  EXPECT_EQ(one.at("framing"), (boost::json::object{{"margin", 0.1}}));
  EXPECT_EQ(one.at("output"), "probabilities");
  EXPECT_EQ(one.at("labels").at(6), "surprised");
  EXPECT_EQ(one.at("valence_arousal"), "network");
  EXPECT_EQ(one.at("batches"), true);
}

TEST(model_report_test, describes_a_detector) {
  const auto json = as_json(std::array{check_model(test_models + "quadrants")});
  const auto& one = json.at("models").at(0);
  EXPECT_EQ(one.at("kind"), "detector");
  EXPECT_EQ(one.at("family"), "boxes");
  EXPECT_EQ(one.at("boxes"), 4);
  EXPECT_EQ(one.at("keypoints"), false);
  EXPECT_EQ(one.at("input").at("height"), 24);
}

TEST(model_report_test, reports_why_a_model_cannot_be_used) {
  const auto r = check_model("no/such/model");
  EXPECT_THAT(r.error, HasSubstr("no/such/model: no such"));
  const auto json = as_json(std::array{check_model(test_models + "columns"), r});
  EXPECT_EQ(json.at("ok"), false);
  EXPECT_EQ(json.at("models").at(0).at("ok"), true);
  EXPECT_EQ(json.at("models").at(1).at("ok"), false);
  EXPECT_EQ(json.at("models").at(1).at("model"), "no/such/model");
  EXPECT_EQ(json.at("models").at(1).at("error"), boost::json::string(r.error));
  EXPECT_THAT(check_model("tests/media").error, HasSubstr("tests/media/model.toml"));
  EXPECT_THAT(check_model("tests/media/portrait.jpg").error, HasSubstr("portrait.jpg"));
}

TEST(model_report_test, prints_a_table_with_labels_and_errors) {
  const auto text = as_text(std::array{check_model(test_models + "columns"), check_model("nowhere"),
                                       check_model(test_models + "quadrants")});
  EXPECT_EQ(
      text,
      "    KIND        NAME       INPUT           FRAMED BY  OUTPUT                                  MODEL\n"
      "ok  expression  columns    24×24 bgr NCHW  eyes       4 logits, valence, arousal, one by one  "
      "tests/models/columns (265 B)\n"
      "    labels: gloomy, calm, glowing, bored\n"
      "bad  nowhere\n"
      "     model nowhere: no such file or folder\n"
      "ok  detector    quadrants  32×24 rgb NCHW             4 boxes                                 "
      "tests/models/quadrants (598 B)\n");
  EXPECT_THAT(as_text(std::array{check_model("nowhere")}), StartsWith("bad  nowhere\n"));
  EXPECT_THAT(text, Not(HasSubstr(" \n")));
}

}  // namespace
}  // namespace emostream::cli
