#include "vision/expression/affect.hpp"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

TEST(Softmax, SumsToOneAndKeepsOrder) {
  const std::array logits{1.0F, 2.0F, 3.0F};
  std::array<float, 3> p{};
  softmax(logits, p);
  EXPECT_NEAR(p[0], 0.09003F, 1e-5);
  EXPECT_NEAR(p[1], 0.24473F, 1e-5);
  EXPECT_NEAR(p[2], 0.66524F, 1e-5);
}

TEST(Softmax, LargeLogitsDoNotOverflow) {
  std::array p{1000.0F, 1000.0F, -1000.0F};
  softmax(p, p);
  EXPECT_FLOAT_EQ(p[0], 0.5F);
  EXPECT_FLOAT_EQ(p[1], 0.5F);
  EXPECT_FLOAT_EQ(p[2], 0);
}

TEST(Affect, EveryLabelOfFerPlusHasAPlaceInTheSquare) {
  for (const auto* label :
       {"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"}) {
    const auto place = place_of(label);
    ASSERT_TRUE(place) << label;
    EXPECT_LE(std::abs(place->valence), 1);
    EXPECT_LE(std::abs(place->arousal), 1);
  }
  EXPECT_FALSE(place_of("hunger"));
}

TEST(Affect, AdjectivesAndCapitalsMeanTheSame) {
  EXPECT_FLOAT_EQ(place_of("happy")->valence, place_of("happiness")->valence);
  EXPECT_FLOAT_EQ(place_of("Surprised")->arousal, place_of("surprise")->arousal);
  EXPECT_FLOAT_EQ(place_of("ANGER")->arousal, place_of("angry")->arousal);
  EXPECT_FALSE(place_of(""));
}

TEST(Affect, QuadrantsAreRussells) {
  EXPECT_GT(place_of("happiness")->valence, 0);
  EXPECT_LT(place_of("sadness")->valence, 0);
  EXPECT_LT(place_of("sadness")->arousal, 0);
  EXPECT_GT(place_of("anger")->arousal, 0);
  EXPECT_FLOAT_EQ(place_of("neutral")->valence, 0);
}

TEST(Affect, ExpectationWeighsThePlaces) {
  const std::array places{affect{1, 0}, affect{-1, 0.5F}};
  const auto mean = expected_affect(std::array{0.75F, 0.25F}, places);
  EXPECT_FLOAT_EQ(mean.valence, 0.5F);
  EXPECT_FLOAT_EQ(mean.arousal, 0.125F);
}

}  // namespace
}  // namespace emostream::vision
