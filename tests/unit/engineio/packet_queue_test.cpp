#include "engineio/packet_queue.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace emostream::engineio {
namespace {

packet numbered(std::size_t n) {
  return packet::of(packet_type::message, std::to_string(n));
}

TEST(packet_queue, is_a_queue) {
  std::mt19937 random(7);
  packet_queue queue;
  std::size_t pushed = 0;
  std::size_t popped = 0;
  for (int round = 0; round < 2000; ++round) {
    for (auto n = random() % 8; n > 0; --n) queue.push(numbered(pushed++));
    const auto front = queue.first(random() % 8);
    for (std::size_t i = 0; i < front.size(); ++i) ASSERT_EQ(front[i].text(), std::to_string(popped + i));
    popped += front.size();
    queue.pop(front.size());
    ASSERT_EQ(queue.size(), pushed - popped);
    ASSERT_EQ(queue.empty(), pushed == popped);
  }
}

TEST(packet_queue, lets_go_of_what_is_popped) {
  packet_queue queue;
  const auto shared = std::make_shared<const std::string>("x");
  for (int i = 0; i < 3; ++i) queue.push({packet_type::message, false, shared});
  queue.pop(1);
  EXPECT_EQ(shared.use_count(), 3);
  queue.clear();
  EXPECT_EQ(shared.use_count(), 1);
  queue.pop(5);
  EXPECT_TRUE(queue.first(5).empty());
}

/// The packets that stay move at most once for each that has gone, which their addresses betray.
TEST(packet_queue, taking_from_a_deep_one_is_linear) {
  constexpr std::size_t depth = 100'000;
  packet_queue queue;
  for (std::size_t i = 0; i < depth; ++i) queue.push(numbered(i));
  std::size_t moved = 0;
  while (!queue.empty()) {
    const auto* const second = queue.size() > 1 ? &queue.first(2)[1] : nullptr;
    queue.pop(1);
    if (second && queue.first(1).data() != second) moved += queue.size();
  }
  EXPECT_LE(moved, depth);
}

}  // namespace
}  // namespace emostream::engineio
