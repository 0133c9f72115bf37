#include "evaluation/calibration.hpp"

#include <gtest/gtest.h>

namespace emostream::evaluation {
namespace {

TEST(calibration_test, nothing_has_no_error) {
  EXPECT_FALSE(calibration().error());
}

TEST(calibration_test, confidence_that_comes_true_has_none) {
  calibration c;
  for (int i = 0; i < 10; ++i) c.add(0.8, i < 8);
  for (int i = 0; i < 2; ++i) c.add(0.5, i < 1);
  c.add(1, true);
  EXPECT_NEAR(*c.error(), 0, 1e-12);
}

TEST(calibration_test, too_much_and_too_little_do_not_make_up_for_each_other) {
  calibration c;
  for (int i = 0; i < 6; ++i) c.add(0.9, i < 3);  // by 0.4
  for (int i = 0; i < 4; ++i) c.add(0.5, true);   // by 0.5
  EXPECT_NEAR(*c.error(), 0.6 * 0.4 + 0.4 * 0.5, 1e-12);
}

TEST(calibration_test, within_a_bin_of_a_fifteenth_they_do) {
  calibration together;
  together.add(0.61, false);
  together.add(0.65, true);
  EXPECT_NEAR(*together.error(), 0.26 / 2, 1e-12);
  calibration apart;
  apart.add(0.59, false);
  apart.add(0.61, true);
  EXPECT_NEAR(*apart.error(), (0.59 + 0.39) / 2, 1e-12);
}

TEST(calibration_test, sums_that_rounding_took_over_one_are_taken) {
  calibration c;
  c.add(1.0000001, true);
  EXPECT_NEAR(*c.error(), 0, 1e-6);
}

}  // namespace
}  // namespace emostream::evaluation
