#include "vision/onnx_model.hpp"

#include <array>
#include <stdexcept>

#include <gmock/gmock.h>

#include "vision/files.hpp"

namespace emostream::vision {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(OnnxModel, TellsItsShapes) {
  const onnx_model model(testing::blazeface("front"));
  EXPECT_THAT(model.input().shape, ElementsAre(1, 128, 128, 3));
  ASSERT_EQ(model.outputs().size(), 4U);
  EXPECT_THAT(model.outputs()[2].shape, ElementsAre(1, 512, 16));
}

TEST(OnnxModel, MissingFileIsNamed) {
  EXPECT_THAT([] { onnx_model("no/such.onnx"); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("no/such.onnx"), HasSubstr("no such file"))));
}

TEST(OnnxModel, DamagedFileIsNamed) {
  const testing::temporary_folder folder;
  folder.write("broken.onnx", "this is no network");
  EXPECT_THAT([&] { onnx_model(folder.path() / "broken.onnx"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("broken.onnx")));
}

TEST(OnnxModel, WrongSizesAreRefused) {
  const onnx_model model(testing::expression_model() / "model.onnx");
  std::vector<float> input(48 * 48);
  std::vector<float> logits(8);
  const std::array<std::span<float>, 1> outputs{logits};
  EXPECT_NO_THROW(model.run(1, input, outputs));
  EXPECT_THROW(model.run(2, input, outputs), std::invalid_argument);
  EXPECT_THROW(model.run(1, std::span(input).first(5), outputs), std::invalid_argument);
  EXPECT_THROW(model.run(1, input, {}), std::invalid_argument);
}

}  // namespace
}  // namespace emostream::vision
