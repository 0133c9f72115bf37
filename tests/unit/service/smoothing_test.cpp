#include "service/smoothing.hpp"

#include <cmath>

#include <gmock/gmock.h>

namespace emostream::service {
namespace {

class smoothing_test : public testing::Test {
 protected:
  expression update(vision::label_scores probabilities, std::uint64_t face = 1) {
    return smooth.update(face, {std::move(probabilities), 0.5F, -0.5F}, now);
  }
  smoother smooth{{.tau = milliseconds(400), .lifetime = milliseconds(2000)}};
  time_point now{std::chrono::hours(1)};
};

TEST_F(smoothing_test, does_not_smooth_a_new_face) {
  const expression e = update({0.1F, 0.9F});
  EXPECT_THAT(e.reading.probabilities, testing::ElementsAre(0.1F, 0.9F));
  EXPECT_EQ(e.dominant, 1U);
  EXPECT_EQ(e.reading.valence, 0.5F);
}

TEST_F(smoothing_test, reaches_63_percent_in_tau_at_any_frame_rate) {
  for (const int frames : {1, 4, 100}) {
    smooth.reset();
    update({1, 0});
    expression e;
    for (int i = 0; i < frames; ++i) {
      now += std::chrono::microseconds(400'000 / frames);
      e = update({0, 1});
    }
    EXPECT_NEAR(e.reading.probabilities[1], 1 - std::exp(-1), 1e-4) << frames;
    EXPECT_NEAR(e.reading.probabilities[0] + e.reading.probabilities[1], 1, 1e-5);
  }
}

TEST_F(smoothing_test, smooths_valence_and_arousal_too) {
  update({1, 0});
  now += milliseconds(400);
  const expression e = smooth.update(1, {{1, 0}, 0, 0}, now);
  EXPECT_NEAR(e.reading.valence, 0.5 * std::exp(-1), 1e-4);
  EXPECT_NEAR(e.reading.arousal, -0.5 * std::exp(-1), 1e-4);
}

TEST_F(smoothing_test, the_dominant_label_has_hysteresis) {
  update({0.52F, 0.48F});
  now += std::chrono::seconds(1);
  EXPECT_EQ(update({0.46F, 0.54F}).dominant, 0U);
  now += std::chrono::seconds(1);
  EXPECT_EQ(update({0.2F, 0.8F}).dominant, 1U);
  now += std::chrono::seconds(1);
  EXPECT_EQ(update({0.5F, 0.5F}).dominant, 1U);
}

TEST_F(smoothing_test, smooths_each_face_separately_and_forgets_faces_that_are_gone) {
  update({1, 0}, 1);
  EXPECT_EQ(update({0, 1}, 2).dominant, 1U);
  now += milliseconds(1500);
  update({0, 1}, 2);
  smooth.expire(now);
  EXPECT_LT(update({0, 1}, 1).reading.probabilities[1], 1) << "still remembered";
  now += milliseconds(2001);
  smooth.expire(now);
  EXPECT_EQ(update({1, 0}, 2).reading.probabilities[0], 1) << "forgotten";
}

}  // namespace
}  // namespace emostream::service
