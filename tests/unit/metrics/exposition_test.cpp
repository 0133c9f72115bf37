#include "metrics/exposition.hpp"

#include <gtest/gtest.h>

namespace emostream::metrics {
namespace {

TEST(exposition, writes_families_with_help_and_type_once) {
  exposition e;
  e.counter("a_total", "What a is.", 1, {{"reason", "x"}});
  e.gauge("b", "What b is.", 2.5);
  e.counter("a_total", "What a is.", 3, {{"reason", "y"}});
  EXPECT_EQ(e.text(), R"(# HELP a_total What a is.
# TYPE a_total counter
a_total{reason="x"} 1
a_total{reason="y"} 3
# HELP b What b is.
# TYPE b gauge
b 2.5
)");
}

TEST(exposition, buckets_are_cumulative) {
  emostream::histogram h({1, 2});
  for (const double value : {0.5, 1.5, 1.5, 9.0}) h.observe(value);
  exposition e;
  e.histogram("h_seconds", "What h is.", h, {{"stage", "s"}});
  EXPECT_EQ(e.text(), R"(# HELP h_seconds What h is.
# TYPE h_seconds histogram
h_seconds_count{stage="s"} 4
h_seconds_sum{stage="s"} 12.5
h_seconds_bucket{stage="s",le="1"} 1
h_seconds_bucket{stage="s",le="2"} 3
h_seconds_bucket{stage="s",le="+Inf"} 4
)");
}

TEST(exposition, labels_are_escaped) {
  exposition e;
  e.gauge("g", "h", 1, {{"name", "a \"b\"\\\nc"}});
  EXPECT_NE(e.text().find(R"(g{name="a \"b\"\\\nc"} 1)"), std::string::npos) << e.text();
}

}  // namespace
}  // namespace emostream::metrics
