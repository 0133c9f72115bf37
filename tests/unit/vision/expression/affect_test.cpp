#include "vision/expression/affect.hpp"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

TEST(softmax_test, gives_probabilities) {
  const std::array logits{1.0F, 2.0F, 3.0F};
  std::array<float, 3> p{};
  softmax(logits, p);
  EXPECT_NEAR(p[0], 0.09003F, 1e-5);
  EXPECT_NEAR(p[1], 0.24473F, 1e-5);
  EXPECT_NEAR(p[2], 0.66524F, 1e-5);
}

TEST(softmax_test, large_logits_do_not_overflow) {
  std::array p{1000.0F, 1000.0F, -1000.0F};
  softmax(p, p);
  EXPECT_FLOAT_EQ(p[0], 0.5F);
  EXPECT_FLOAT_EQ(p[1], 0.5F);
  EXPECT_FLOAT_EQ(p[2], 0);
}

TEST(affect_test, every_label_of_fer_plus_has_affect_within_bounds) {
  for (const auto* label :
       {"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"}) {
    const auto known = affect_of_label(label);
    ASSERT_TRUE(known) << label;
    EXPECT_LE(std::abs(known->valence), 1);
    EXPECT_LE(std::abs(known->arousal), 1);
  }
  EXPECT_FALSE(affect_of_label("hunger"));
}

TEST(affect_test, accepts_adjectives_and_ignores_case) {
  EXPECT_FLOAT_EQ(affect_of_label("happy")->valence, affect_of_label("happiness")->valence);
  EXPECT_FLOAT_EQ(affect_of_label("Surprised")->arousal, affect_of_label("surprise")->arousal);
  EXPECT_FLOAT_EQ(affect_of_label("ANGER")->arousal, affect_of_label("angry")->arousal);
  EXPECT_FALSE(affect_of_label(""));
}

TEST(affect_test, labels_are_in_russells_quadrants) {
  EXPECT_GT(affect_of_label("happiness")->valence, 0);
  EXPECT_LT(affect_of_label("sadness")->valence, 0);
  EXPECT_LT(affect_of_label("sadness")->arousal, 0);
  EXPECT_GT(affect_of_label("anger")->arousal, 0);
  EXPECT_FLOAT_EQ(affect_of_label("neutral")->valence, 0);
}

TEST(affect_test, expected_affect_is_the_weighted_mean) {
  const std::array label_affects{affect{1, 0}, affect{-1, 0.5F}};
  const auto mean = expected_affect(std::array{0.75F, 0.25F}, label_affects);
  EXPECT_FLOAT_EQ(mean.valence, 0.5F);
  EXPECT_FLOAT_EQ(mean.arousal, 0.125F);
}

}  // namespace
}  // namespace emostream::vision
