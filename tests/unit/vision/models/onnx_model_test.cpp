#include "vision/models/onnx_model.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <gmock/gmock.h>

#include "temporary_folder.hpp"
#include "vision/files.hpp"

namespace emostream::vision {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(onnx_model_test, reports_its_shapes) {
  const onnx_model model(testing::blazeface("front"));
  EXPECT_THAT(model.input().shape, ElementsAre(1, 128, 128, 3));
  ASSERT_EQ(model.outputs().size(), 4U);
  EXPECT_THAT(model.outputs()[2].shape, ElementsAre(1, 512, 16));
}

TEST(onnx_model_test, the_error_names_a_missing_file) {
  EXPECT_THAT([] { onnx_model("no/such.onnx"); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("no/such.onnx"), HasSubstr("no such file"))));
}

TEST(onnx_model_test, the_error_names_a_damaged_file) {
  const temporary_folder folder;
  folder.write("broken.onnx", "this is no network");
  EXPECT_THAT([&] { onnx_model(folder.path() / "broken.onnx"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("broken.onnx")));
}

TEST(onnx_model_test, rejects_tensors_of_the_wrong_size) {
  const onnx_model model(testing::classifier_model() / "model.onnx");
  std::vector<float> input(48 * 48);
  std::vector<float> logits(8);
  const std::array<std::span<float>, 1> outputs{logits};
  EXPECT_NO_THROW(model.run(1, input, outputs));
  EXPECT_THROW(model.run(2, input, outputs), std::invalid_argument);
  EXPECT_THROW(model.run(1, std::span(input).first(5), outputs), std::invalid_argument);
  EXPECT_THROW(model.run(1, input, {}), std::invalid_argument);
}

std::filesystem::path test_network(const std::string& name) {
  return testing::source_dir() / "tests/models" / name / "model.onnx";
}

TEST(onnx_model_test, runs_a_batch_one_by_one_if_the_network_takes_one_item) {
  const onnx_model model(test_network("columns"));
  EXPECT_FALSE(model.takes_batches());
  const std::size_t pixels = 24UL * 24;
  std::vector<float> input(2 * 3 * pixels, 0.5F);
  std::fill_n(input.begin(), pixels, 1.0F);  // the first plane of the first item
  std::vector<float> all(12);
  const std::array<std::span<float>, 1> outputs{all};
  model.run(2, input, outputs);
  EXPECT_NEAR(all[1], 3, 1e-4);
  EXPECT_NEAR(all[7], 1.5, 1e-4);
  EXPECT_THROW(model.run(5, input, outputs), std::invalid_argument);
}

TEST(onnx_model_test, bind_selects_outputs_and_rejects_other_shapes) {
  onnx_model model(test_network("colours"));
  EXPECT_TRUE(model.takes_batches());
  EXPECT_EQ(shape_string(model.input().shape), "[N, 32, 32, 3]");
  model.bind({-1, 32, 32, 3}, {{"affect", {-1, 2}}});
  ASSERT_EQ(model.outputs().size(), 1U);
  const std::vector<float> input(2 * 32 * 32 * 3);
  std::vector<float> affect(4, 9);
  const std::array<std::span<float>, 1> outputs{affect};
  model.run(2, input, outputs);
  EXPECT_THAT(affect, ElementsAre(0, 0, 0, 0));
  EXPECT_THROW(model.bind({-1, 32, 32, 1}, {}), std::invalid_argument);
  EXPECT_THROW(model.bind({-1, 32, 32, 3}, {{"mood", {-1, 2}}}), std::invalid_argument);
}

TEST(onnx_model_test, free_dimensions_fit_any_size) {
  const tensor_info free{"x", {-1, 3, -1}};
  EXPECT_TRUE(free.fits(std::array<std::int64_t, 3>{-1, 3, 7}));
  EXPECT_TRUE(free.fits(std::array<std::int64_t, 3>{1, 3, 7}));
  EXPECT_FALSE(free.fits(std::array<std::int64_t, 3>{-1, 4, 7}));
  EXPECT_FALSE(free.fits(std::array<std::int64_t, 2>{-1, 3}));
  const tensor_info one{"x", {1, 3}};
  EXPECT_TRUE(one.fits(std::array<std::int64_t, 2>{-1, 3}));
  EXPECT_FALSE((tensor_info{"x", {4, 3}}.fits(std::array<std::int64_t, 2>{-1, 3})));
}

}  // namespace
}  // namespace emostream::vision
