#include "vision/classifier.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "vision/files.hpp"

namespace emostream::vision {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::string manifest = R"(
name = "tiny"
file = "tiny.onnx"
[input]
width = 48
height = 48
channels = "gray"
layout = "NCHW"
[output]
kind = "logits"
labels = ["neutral", "happiness"]
[framing]
left_eye = [0.3, 0.4]
right_eye = [0.7, 0.4]
)";

std::string with(std::string_view from, std::string_view to) {
  std::string changed = manifest;
  return changed.replace(changed.find(from), from.size(), to);
}

TEST(Manifest, IsRead) {
  const testing::temporary_folder folder;
  folder.write("model.toml", manifest);
  const auto read = read_manifest(folder.path());
  EXPECT_EQ(read.name, "tiny");
  EXPECT_EQ(read.file, folder.path() / "tiny.onnx");
  EXPECT_EQ(read.size, 48);
  EXPECT_THAT(read.labels, ::testing::ElementsAre("neutral", "happiness"));
  EXPECT_FLOAT_EQ(read.eyes.left_eye.x, 0.3F);
  EXPECT_FLOAT_EQ(read.eyes.right_eye.y, 0.4F);
}

TEST(Manifest, WhatIsWrongIsNamed) {
  struct wrong {
    std::string content;
    std::string named;
  };
  const testing::temporary_folder folder;
  for (const auto& [content, named] : {
           wrong{with("name = \"tiny\"", ""), "name"},
           wrong{with("\"tiny.onnx\"", "7"), "file"},
           wrong{with("width = 48", "width = 47.5"), "input.width"},
           wrong{with("width = 48", "width = 100000"), "input.width"},
           wrong{with("height = 48", "height = 64"), "input.height"},
           wrong{with("gray", "rgb"), "input.channels"},
           wrong{with("NCHW", "NHWC"), "input.layout"},
           wrong{with("\"logits\"", "\"probabilities\""), "output.kind"},
           wrong{with("[\"neutral\", \"happiness\"]", "[]"), "output.labels"},
           wrong{with("\"happiness\"]", "1]"), "output.labels"},
           wrong{with("\"happiness\"]", "\"hunger\"]"), "hunger"},
           wrong{with("[0.3, 0.4]", "[0.3]"), "framing.left_eye"},
           wrong{with("[0.3, 0.4]", "[0.3, 4.0]"), "framing.left_eye"},
           wrong{with("[0.3, 0.4]", "[0.3, nan]"), "framing.left_eye"},
           wrong{with("[0.7, 0.4]", "[0.2, 0.4]"), "framing.right_eye"},
           wrong{with("[framing]", "[framing"), "model.toml"},
       }) {
    folder.write("model.toml", content);
    EXPECT_THAT([&] { read_manifest(folder.path()); },
                ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("model.toml"), HasSubstr(named))));
  }
}

TEST(Manifest, MissingFolderIsNamed) {
  EXPECT_THAT([] { read_manifest("no/such"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("no/such/model.toml")));
}

TEST(Classifier, NetworkMustFitTheManifest) {
  const testing::temporary_folder folder;
  folder.write("model.toml", manifest);  // two labels, the network has eight
  std::filesystem::copy_file(testing::expression_model() / "model.onnx", folder.path() / "tiny.onnx");
  EXPECT_THAT([&] { classifier{folder.path()}; }, ThrowsMessage<std::runtime_error>(HasSubstr("tiny.onnx")));
}

/// What the training's own framework answered on pictures made by a formula.
TEST(Classifier, AnswersAsItWasTrained) {
  const classifier model(testing::expression_model());
  const auto file = testing::read(testing::expression_model() / "golden.json");
  const auto golden = boost::json::parse(std::string(file.begin(), file.end()));
  const double tolerance = golden.at("tolerance").to_number<double>();
  std::vector<float> batch;
  std::vector<float> expected;
  for (const auto& c : golden.at("cases").as_array()) {
    const auto factor = [&](const char* key) { return static_cast<int>(c.at(key).as_int64()); };
    for (int y = 0; y < 48; ++y) {
      for (int x = 0; x < 48; ++x) {
        const int value = factor("a") * x + factor("b") * y + factor("d") * x * y + factor("c");
        batch.push_back(static_cast<float>(value % 256));
      }
    }
    const auto logits = boost::json::value_to<std::vector<float>>(c.at("logits"));
    expected.resize(expected.size() + logits.size());
    softmax(logits, std::span(expected).last(logits.size()));
  }
  const std::size_t count = golden.at("cases").as_array().size();
  const auto probabilities = model.classify(count, batch);
  ASSERT_EQ(probabilities.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(probabilities[i], expected[i], tolerance) << i;
}

TEST(Classifier, ABatchIsItsFacesOneByOne) {
  const classifier model(testing::expression_model());
  const auto pixels = static_cast<std::size_t>(model.size() * model.size());
  std::vector<float> batch(3 * pixels);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<float>(i * i % 251);
  const auto together = model.classify(3, batch);
  const std::size_t labels = model.labels().size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto alone = model.classify(1, std::span(batch).subspan(i * pixels, pixels));
    EXPECT_NEAR(std::accumulate(alone.begin(), alone.end(), 0.0F), 1, 1e-5);
    for (std::size_t l = 0; l < labels; ++l) EXPECT_NEAR(together[i * labels + l], alone[l], 1e-4);
  }
  EXPECT_TRUE(model.classify(0, {}).empty());
}

}  // namespace
}  // namespace emostream::vision
