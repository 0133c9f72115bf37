#include "engineio/packet_queue.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace emostream::engineio {
namespace {

packet numbered(std::size_t n) {
  return packet::of(packet_type::message, std::to_string(n));
}

TEST(packet_queue, is_first_in_first_out) {
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

TEST(packet_queue, releases_popped_packets) {
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

/// Counts the moves of remaining packets, which show as changed addresses: in total, at most one for each
/// packet popped.
TEST(packet_queue, popping_from_a_long_queue_takes_linear_time) {
  constexpr std::size_t length = 100'000;
  packet_queue queue;
  for (std::size_t i = 0; i < length; ++i) queue.push(numbered(i));
  std::size_t moved = 0;
  while (!queue.empty()) {
    const auto* const second = queue.size() > 1 ? &queue.first(2)[1] : nullptr;
    queue.pop(1);
    if (second && queue.first(1).data() != second) moved += queue.size();
  }
  EXPECT_LE(moved, length);
}

}  // namespace
}  // namespace emostream::engineio
