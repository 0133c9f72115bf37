#include "vision/expression/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <string>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "base/base64.hpp"
#include "temporary_folder.hpp"
#include "vision/files.hpp"
#include "vision/image/crop.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// The folder of a classifier in tests/models, whose results depend only on the mean colour.
std::filesystem::path test_model(const std::string& name) {
  return testing::source_dir() / "tests/models" / name;
}

/// A folder with a test model, in whose manifest one part is replaced.
class changed_model : public temporary_folder {
 public:
  changed_model(const std::string& name, std::string_view from, std::string_view to) {
    const auto bytes = testing::read(test_model(name) / "model.toml");
    std::string text(bytes.begin(), bytes.end());
    write("model.toml", text.replace(text.find(from), from.size(), to));
    std::filesystem::copy_file(test_model(name) / "model.onnx", path() / "model.onnx");
  }
};

/// A crop of a single colour in the format of the model.
std::vector<float> crop_of(const classifier& model, std::array<std::uint8_t, 3> colour) {
  image flat{64, 64, {}};
  for (int i = 0; i < 64 * 64; ++i) flat.pixels.insert(flat.pixels.end(), colour.begin(), colour.end());
  std::vector<float> crop(model.format().size());
  extract_crop(flat, {}, model.format(), crop);
  return crop;
}

constexpr std::array<std::uint8_t, 3> orange{250, 100, 20};

/// RGB, NHWC, mean and standard deviation, probabilities, outputs for valence and arousal.
TEST(classifier_test, supports_an_rgb_model_with_affect_outputs) {
  const classifier model(test_model("colours"));
  EXPECT_EQ(model.name(), "colours");
  EXPECT_TRUE(model.takes_batches());
  const auto read = model.classify(1, crop_of(model, orange));
  const double red = (250 / 255.0 - 0.485) / 0.229;
  const double green = (100 / 255.0 - 0.456) / 0.224;
  const double blue = (20 / 255.0 - 0.406) / 0.225;
  const std::array<double, 7> sums{2 * red, 2 * green, -1, red + green + blue, 1, 2 * blue, -1};
  double total = 0;
  for (const double s : sums) total += std::exp(s);
  for (std::size_t l = 0; l < 7; ++l)
    EXPECT_NEAR(read.faces.at(0).probabilities[l], std::exp(sums[l]) / total, 1e-4);
  EXPECT_NEAR(read.faces[0].valence, std::tanh(0.5 * red + 0.25 * green + 0.25 * blue), 1e-4);
  EXPECT_NEAR(read.faces[0].arousal, std::tanh(0.5 * red - 0.5 * blue), 1e-4);
  EXPECT_EQ(model.labels().front(), "angry");
}

/// BGR, a batch size of one, valence and arousal in columns beside the labels.
TEST(classifier_test, runs_a_batch_one_by_one_if_the_network_takes_one_item) {
  const classifier model(test_model("columns"));
  EXPECT_FALSE(model.takes_batches());
  std::vector<float> crops;
  for (const auto& colour : {orange, {20, 250, 100}, {0, 0, 255}}) {
    const auto crop = crop_of(model, colour);
    crops.insert(crops.end(), crop.begin(), crop.end());
  }
  const auto read = model.classify(3, crops);
  ASSERT_EQ(read.faces.size(), 3U);
  const auto top = [&](std::size_t i) {
    const auto& row = read.faces[i].probabilities;
    EXPECT_EQ(row.size(), 4U);
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0F), 1, 1e-5);
    return model.labels()[dominant_label(read.faces[i])];
  };
  EXPECT_EQ(top(0), "glowing");
  EXPECT_EQ(top(1), "calm");
  EXPECT_EQ(top(2), "gloomy");
  EXPECT_NEAR(read.faces[0].arousal, 250 / 127.5 - 1, 1e-4);
  EXPECT_NEAR(read.faces[0].valence, (20 - 250) / 255.0, 1e-4);
  EXPECT_NEAR(read.faces[2].valence, 1, 1e-4);
}

TEST(classifier_test, rejects_the_same_column_for_valence_and_arousal) {
  const changed_model folder("colours", "arousal = { output = \"affect\", column = 1 }",
                             "arousal = { output = \"affect\", column = 0 }");
  const changed_model named("columns", "arousal = 5", "arousal = { output = \"all\", column = 0 }");
  for (const auto* f : {&folder, &named})
    EXPECT_THAT([&] { classifier{f->path()}; },
                ThrowsMessage<std::runtime_error>(HasSubstr("another column")));
}

TEST(classifier_test, affect_outputs_can_be_given_by_name) {
  const changed_model named("colours", "valence = { output = \"affect\", column = 0 }",
                            "valence = \"affect\"");
  const classifier model(named.path());
  EXPECT_NEAR(model.classify(1, crop_of(model, {255, 255, 255})).faces[0].valence, 0.9834, 1e-3);
}

TEST(classifier_test, rejects_a_manifest_that_does_not_match_the_network) {
  struct mistake {
    const char* model;
    const char* from;
    const char* to;
    std::vector<std::string> messages;
  };
  for (const auto& [name, from, to, messages] : {
           mistake{"colours",
                   "width = 32",
                   "width = 48",
                   {"input makes a [N, 48, 48, 3] (48×48 rgb NHWC)",
                    "\"image\" of model.onnx is a [N, 32, 32, 3]"}},
           mistake{"colours", "\"NHWC\"", "\"NCHW\"", {"input makes a [N, 3, 32, 32]"}},
           mistake{"colours",
                   "name = \"image\"",
                   "name = \"data\"",
                   {"input.name must be \"image\"", "\"data\""}},
           mistake{
               "colours",
               ", \"surprised\"]",
               "]",
               {"output.labels are 6, which makes a [N, 6]", "\"probabilities\" of model.onnx is a [N, 7]"}},
           mistake{"colours",
                   "name = \"probabilities\"",
                   "",
                   {"output.name is missing", "\"probabilities\", \"affect\""}},
           mistake{
               "colours", "name = \"probabilities\"", "name = \"scores\"", {"output.name", "not \"scores\""}},
           mistake{"colours",
                   "kind = \"probabilities\"",
                   "kind = \"logits\"",
                   {"output.kind must be \"probabilities\", it seems"}},
           mistake{"columns",
                   "kind = \"logits\"",
                   "kind = \"probabilities\"",
                   {"output.kind must be \"logits\", it seems"}},
           mistake{"columns",
                   "arousal = 5",
                   "arousal = 6",
                   {"output.arousal must be a column from 0 to 5", "not 6"}},
           mistake{"columns", "arousal = 5", "arousal = \"x\"", {"output.labels are 4, with 1 column"}},
           mistake{"colours", "column = 1", "column = 2", {"output.arousal must be a column from 0 to 1"}},
           mistake{"colours",
                   "{ output = \"affect\", column = 1 }",
                   "\"mood\"",
                   {"output.arousal", "not \"mood\""}},
           mistake{"columns", "range = [-1, 1]", "range = [-100, 100]", {}},
           mistake{"columns",
                   "range = [-1, 1]",
                   "range = [0, 100]",
                   {"output.arousal must be from -1 to 1, but is 50"}},
           mistake{"colours",
                   "[input]",
                   "file = \"other.onnx\"\n[input]",
                   {"file must name a network", "other.onnx", "no such file"}},
       }) {
    const changed_model folder(name, from, to);
    if (messages.empty()) {
      EXPECT_NO_THROW(classifier{folder.path()});
      continue;
    }
    EXPECT_THAT([&] { classifier{folder.path()}; },
                ThrowsMessage<std::runtime_error>(HasSubstr("model.toml: ")));
    for (const auto& part : messages)
      EXPECT_THAT([&] { classifier{folder.path()}; }, ThrowsMessage<std::runtime_error>(HasSubstr(part)));
  }
}

/// Generated patterns and variants of a portrait, with the results of the training framework.
struct golden {
  std::vector<float> batch;
  std::vector<float> expected;  ///< probabilities
  std::vector<std::string> names;
  double tolerance = 0;

  void add(std::string name, const boost::json::value& logits) {
    names.push_back(std::move(name));
    const auto values = boost::json::value_to<std::vector<float>>(logits);
    expected.resize(expected.size() + values.size());
    softmax(values, std::span(expected).last(values.size()));
  }
};

golden read_golden() {
  const auto file = testing::read(testing::classifier_model() / "golden.json");
  const auto json = boost::json::parse(std::string(file.begin(), file.end()));
  golden g;
  g.tolerance = json.at("tolerance").to_number<double>();
  for (const auto& c : json.at("cases").as_array()) {
    const auto coefficient = [&](const char* key) { return static_cast<int>(c.at(key).as_int64()); };
    for (int y = 0; y < 48; ++y) {
      for (int x = 0; x < 48; ++x) {
        const int value =
            coefficient("a") * x + coefficient("b") * y + coefficient("d") * x * y + coefficient("c");
        g.batch.push_back(static_cast<float>(value % 256));
      }
    }
    g.add("pattern " + std::to_string(g.names.size()), c.at("logits"));
  }
  for (const auto& c : json.at("faces").as_array()) {
    const auto pixels = base64::decode(boost::json::value_to<std::string>(c.at("pixels"))).value();
    for (const char pixel : pixels) g.batch.push_back(static_cast<float>(static_cast<unsigned char>(pixel)));
    g.add(boost::json::value_to<std::string>(c.at("name")), c.at("logits"));
  }
  return g;
}

TEST(classifier_test, agrees_with_the_training_framework) {
  const classifier model(testing::classifier_model());
  const golden g = read_golden();
  ASSERT_GE(g.names.size(), 12U);
  ASSERT_EQ(g.batch.size(), g.names.size() * 48 * 48);
  const auto read = model.classify(g.names.size(), g.batch);
  const std::size_t labels = model.labels().size();
  ASSERT_EQ(read.faces.size() * labels, g.expected.size());
  for (std::size_t i = 0; i < g.expected.size(); ++i)
    EXPECT_NEAR(read.faces[i / labels].probabilities.at(i % labels), g.expected[i], g.tolerance)
        << g.names[i / labels] << ", " << model.labels()[i % labels];
}

TEST(classifier_test, a_batch_gives_the_same_results_as_single_faces) {
  const classifier model(testing::classifier_model());
  const auto pixels = static_cast<std::size_t>(model.side() * model.side());
  std::vector<float> batch(3 * pixels);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<float>(i * i % 251);
  const auto batched = model.classify(3, batch);
  const std::size_t labels = model.labels().size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto single =
        model.classify(1, std::span(batch).subspan(i * pixels, pixels)).faces.at(0).probabilities;
    EXPECT_NEAR(std::accumulate(single.begin(), single.end(), 0.0F), 1, 1e-5);
    for (std::size_t l = 0; l < labels; ++l)
      EXPECT_NEAR(batched.faces.at(i).probabilities[l], single[l], 1e-4);
  }
  EXPECT_TRUE(model.classify(0, {}).faces.empty());
}

}  // namespace
}  // namespace emostream::vision
