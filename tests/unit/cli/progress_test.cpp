#include "cli/progress.hpp"

#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>

namespace emostream::cli {
namespace {

using namespace std::chrono_literals;

class progress_test : public testing::Test {
 protected:
  void begin(std::size_t total, bool terminal) {
    progress_ = std::make_unique<progress>(
        total, terminal, [this](std::string_view text) { written_ += text; }, [this] { return now_; });
  }

  /// Advances the clock by `time` and then the progress by `steps` steps. Returns the text that is written.
  std::string advance(steady_clock::duration time, int steps) {
    written_.clear();
    now_ += time;
    for (int i = 0; i < steps; ++i) progress_->advance();
    return written_;
  }

  std::string end() {
    written_.clear();
    progress_.reset();
    return written_;
  }

 private:
  time_point now_{1h};
  std::string written_;
  std::unique_ptr<progress> progress_;
};

TEST_F(progress_test, redraws_a_bar_on_a_terminal) {
  begin(300, true);
  EXPECT_EQ(advance(50ms, 10), "");
  EXPECT_EQ(advance(9950ms, 90), "\r[#.............................] 11 of 300, 4 %, 4 min 23 s left\x1b[K");
}

TEST_F(progress_test, estimates_the_time_left_from_the_mean_time_per_step) {
  begin(100, true);
  advance(0s, 24);
  EXPECT_THAT(advance(10s, 1), testing::HasSubstr("25 of 100, 25 %, 30 s left"));
  advance(0s, 24);
  EXPECT_THAT(advance(2min, 1), testing::HasSubstr("50 of 100, 50 %, 2 min 10 s left"));
  EXPECT_THAT(advance(10h, 1), testing::HasSubstr(" h "));
  EXPECT_THAT(advance(1s, 49), testing::HasSubstr("52 of 100"));
}

TEST_F(progress_test, erases_the_bar_at_the_end) {
  begin(2, true);
  EXPECT_THAT(advance(1s, 1), testing::HasSubstr("1 of 2"));
  EXPECT_EQ(end(), "\r\x1b[K");
}

TEST_F(progress_test, erases_nothing_if_no_bar_was_drawn) {
  begin(2, true);
  advance(1ms, 2);
  EXPECT_EQ(end(), "");
}

TEST_F(progress_test, writes_a_line_every_ten_seconds_to_a_log) {
  begin(100, false);
  EXPECT_EQ(advance(9s, 20), "");
  EXPECT_EQ(advance(1s, 20), "21 of 100, 21 %, 38 s left\n");
  EXPECT_EQ(advance(1s, 20), "");
  EXPECT_EQ(end(), "");
}

TEST_F(progress_test, writes_nothing_to_a_log_for_a_short_task) {
  begin(3, false);
  EXPECT_EQ(advance(2s, 3), "");
  EXPECT_EQ(end(), "");
}

}  // namespace
}  // namespace emostream::cli
