#include "evaluation/calibration.hpp"

#include <gtest/gtest.h>

namespace emostream::evaluation {
namespace {

TEST(calibration_test, returns_nullopt_without_predictions) {
  EXPECT_FALSE(calibration().expected_error());
}

TEST(calibration_test, has_zero_error_if_confidence_equals_accuracy) {
  calibration c;
  for (int i = 0; i < 10; ++i) c.add(0.8, i < 8);
  for (int i = 0; i < 2; ++i) c.add(0.5, i < 1);
  c.add(1, true);
  EXPECT_NEAR(*c.expected_error(), 0, 1e-12);
}

TEST(calibration_test, does_not_offset_overconfidence_by_underconfidence) {
  calibration c;
  for (int i = 0; i < 6; ++i) c.add(0.9, i < 3);  // 0.4 too much
  for (int i = 0; i < 4; ++i) c.add(0.5, true);   // 0.5 too little
  EXPECT_NEAR(*c.expected_error(), 0.6 * 0.4 + 0.4 * 0.5, 1e-12);
}

TEST(calibration_test, averages_within_each_of_15_bins) {
  calibration together;
  together.add(0.61, false);
  together.add(0.65, true);
  EXPECT_NEAR(*together.expected_error(), 0.26 / 2, 1e-12);
  calibration apart;
  apart.add(0.59, false);
  apart.add(0.61, true);
  EXPECT_NEAR(*apart.expected_error(), (0.59 + 0.39) / 2, 1e-12);
}

TEST(calibration_test, accepts_a_confidence_that_rounding_raised_above_one) {
  calibration c;
  c.add(1.0000001, true);
  EXPECT_NEAR(*c.expected_error(), 0, 1e-6);
}

}  // namespace
}  // namespace emostream::evaluation
