#include "base/histogram.hpp"

#include <gmock/gmock.h>

namespace emostream {
namespace {

TEST(histogram, upper_bounds_are_inclusive) {
  histogram h({1, 2});
  for (const double value : {0.0, 1.0, 1.5, 2.0, 2.5, 100.0}) h.observe(value);
  EXPECT_THAT(h.counts(), testing::ElementsAre(2, 2, 2));
  EXPECT_EQ(h.sum(), 107);
}

}  // namespace
}  // namespace emostream
