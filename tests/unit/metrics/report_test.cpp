#include "metrics/report.hpp"

#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

namespace emostream::metrics {
namespace {

using testing::HasSubstr;

class report_test : public testing::Test {
 protected:
  std::string text() const {
    return report({.info = info,
                   .server = server,
                   .app = app,
                   .queue = queue,
                   .image_requests = {{503, 2}},
                   .saturated = saturated,
                   .ready = true,
                   .process = process_usage{.cpu_seconds = 1.5, .resident_bytes = 123'456'789}});
  }

  service_info info{.version = "1.2.3",
                    .detector = "blaze",
                    .classifier = "mini",
                    .workers = 2,
                    .max_connections = 10,
                    .max_sessions = 20};
  server::server_stats server;
  service::service_stats app;
  pipeline::queue_stats queue;
  saturation saturated;
};

TEST_F(report_test, every_line_is_valid_and_every_family_appears_once) {
  const std::regex sample(R"re([a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+]+)re");
  std::set<std::string> families;
  std::istringstream lines(text());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(families.insert(line.substr(7, line.find(' ', 7) - 7)).second) << line;
    } else if (!line.starts_with("# HELP ")) {
      EXPECT_TRUE(std::regex_match(line, sample)) << line;
    }
  }
  EXPECT_GT(families.size(), 40U);
  for (const std::string& name : families)
    EXPECT_TRUE(name.starts_with("emostream_") || name.starts_with("process_")) << name;
}

TEST_F(report_test, has_build_info_and_process_metrics) {
  EXPECT_THAT(text(),
              HasSubstr(R"(emostream_build_info{version="1.2.3",detector="blaze",classifier="mini"} 1)"));
  EXPECT_THAT(text(), HasSubstr("\nprocess_cpu_seconds_total 1.5\n"));
  EXPECT_THAT(text(), HasSubstr("\nprocess_resident_memory_bytes 123456789\n"));
  EXPECT_THAT(text(), HasSubstr("\nemostream_ready 1\n"));
  EXPECT_THAT(text(), HasSubstr("\nemostream_saturated{by=\"memory\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("\nemostream_workers 2\n"));
}

TEST_F(report_test, counts_image_requests_by_status) {
  EXPECT_THAT(text(), HasSubstr("emostream_image_requests_total{status=\"503\"} 2\n"));
}

TEST_F(report_test, reasons_are_present_with_zero) {
  for (const std::string_view reason :
       {"replaced", "stale", "cancelled", "shutting_down", "rate_limited", "overloaded", "not_started"})
    EXPECT_THAT(text(),
                HasSubstr("emostream_frames_dropped_total{reason=\"" + std::string(reason) + "\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_sessions_refused_total{reason=\"connection_limit\"} 0\n"));
}

TEST_F(report_test, rejections_are_counted_by_reason) {
  server.connections_refused = 5;
  server.sessions_refused = 7;
  server.address_refusals = 6;
  server.session_address_refusals = 4;
  for (int i = 0; i < 3; ++i)
    app.since_start.rejected_connections.increment(service::connect_code::connection_limit);
  app.since_start.account_rate_exceeded = 8;
  EXPECT_THAT(text(), HasSubstr("emostream_connections_refused_total{reason=\"limit\"} 3\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_connections_refused_total{reason=\"address\"} 2\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_engineio_sessions_refused_total{reason=\"limit\"} 3\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_engineio_sessions_refused_total{reason=\"address\"} 4\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_account_refusals_total{limit=\"connections\"} 3\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_account_refusals_total{limit=\"rate\"} 8\n"));
}

TEST_F(report_test, stages_are_histograms_in_seconds) {
  app.since_start.stage_seconds.decode.observe(0.0011);
  EXPECT_THAT(text(), HasSubstr("emostream_frame_stage_seconds_bucket{stage=\"decode\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_frame_stage_seconds_bucket{stage=\"decode\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_frame_stage_seconds_count{stage=\"queue\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("emostream_frame_latency_seconds_count 0\n"));
}

}  // namespace
}  // namespace emostream::metrics
