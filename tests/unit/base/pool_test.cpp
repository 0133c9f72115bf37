#include "base/pool.hpp"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace emostream {
namespace {

TEST(pool, reuses_objects_without_resetting_them) {
  const pool<std::string> texts;
  const std::string* first = nullptr;
  {
    const auto text = texts.take();
    *text = "kept";
    first = text.get();
  }
  const auto again = texts.take();
  EXPECT_EQ(again.get(), first);
  EXPECT_EQ(*again, "kept");
  const auto other = texts.take();
  EXPECT_NE(other.get(), first);
  EXPECT_TRUE(other->empty());
}

TEST(pool, objects_may_outlive_the_pool) {
  pool<std::string>::handle text;
  {
    const pool<std::string> texts;
    text = texts.take();
  }
  *text = "still here";
  EXPECT_EQ(*text, "still here");
}

TEST(pool, is_thread_safe) {
  const pool<std::vector<int>> numbers;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        const auto mine = numbers.take();
        mine->assign(3, t);
        ASSERT_EQ((*mine)[2], t);
      }
    });
}

}  // namespace
}  // namespace emostream
