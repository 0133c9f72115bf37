#include "base/line_writer.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace emostream {
namespace {

class line_writer_test : public testing::Test {
 protected:
  line_writer_test() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe(pipe_.data()), 0);
  }
  ~line_writer_test() override {
    close_reader();
    if (!writer_remains_) close_end(1);
  }

  [[nodiscard]] int descriptor() const { return pipe_[1]; }
  void close_reader() { close_end(0); }
  /// Call if the thread of a writer may still use the descriptor after the test.
  void keep_descriptor_open() { writer_remains_ = true; }

  /// Everything that can be read now.
  std::string available() {
    ::fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
    std::string text(1 << 20, '\0');
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(pipe_[0], text.data(), text.size()))));
    return text;
  }
  /// Reads this many lines.
  std::string read_lines(std::size_t count) {
    std::string text;
    for (char c = 0; count > 0 && ::read(pipe_[0], &c, 1) == 1;) {
      text += c;
      if (c == '\n') --count;
    }
    return text;
  }

 private:
  void close_end(std::size_t i) {
    if (pipe_[i] >= 0) ::close(pipe_[i]);
    pipe_[i] = -1;
  }
  std::array<int, 2> pipe_{};
  bool writer_remains_ = false;
};

TEST_F(line_writer_test, writes_lines_at_once_if_the_descriptor_takes_them) {
  line_writer writer(descriptor(), 100);
  EXPECT_TRUE(writer.write("a\n"));
  EXPECT_TRUE(writer.write("b\n"));
  EXPECT_EQ(read_lines(2), "a\nb\n");
  EXPECT_EQ(writer.dropped(), 0U);
}

TEST_F(line_writer_test, never_blocks_and_counts_what_it_drops) {
  const std::string line = std::string(999, 'x') + '\n';
  std::size_t taken = 0;
  line_writer writer(descriptor(), 10'000);
  for (int i = 0; i < 1000; ++i) taken += writer.write(line) ? 1 : 0;
  EXPECT_LT(taken, 200U);
  EXPECT_EQ(writer.dropped(), 1000 - taken);
  EXPECT_EQ(read_lines(taken).size(), taken * 1000);
  EXPECT_TRUE(writer.write("last\n"));
  EXPECT_EQ(read_lines(1), "last\n");
}

TEST_F(line_writer_test, keeps_the_order_and_writes_lines_of_any_size) {
  line_writer writer(descriptor(), 1'000'000);
  const std::string long_line = std::string(300'000, 'l') + '\n';
  EXPECT_TRUE(writer.write(long_line));
  EXPECT_TRUE(writer.write("short\n"));
  EXPECT_EQ(read_lines(2), long_line + "short\n");
}

TEST_F(line_writer_test, writes_what_waits_before_it_is_destroyed) {
  const std::string line = std::string(999, 'x') + '\n';
  std::size_t taken = 0;
  {
    line_writer writer(descriptor(), 10'000);
    while (writer.write(line)) ++taken;
    ASSERT_GT(::fcntl(descriptor(), F_SETPIPE_SZ, 1 << 20), 0);  // what waits can be written now
  }
  EXPECT_EQ(available().size(), taken * line.size());
}

TEST_F(line_writer_test, does_not_wait_for_ever_when_it_is_destroyed) {
  keep_descriptor_open();
  line_writer writer(descriptor(), 10'000);
  while (writer.write(std::string(999, 'x') + '\n')) {
  }
}

TEST_F(line_writer_test, survives_a_closed_pipe) {
  line_writer writer(descriptor(), 100);
  close_reader();
  EXPECT_FALSE(writer.write("a\n"));
  EXPECT_EQ(writer.dropped(), 1U);
}

}  // namespace
}  // namespace emostream
