#include "engineio/packet_queue.hpp"

#include <algorithm>

namespace emostream::engineio {

namespace {

constexpr std::size_t max_idle_capacity = 4;  // of an empty queue, in packets

}  // namespace

std::span<packet> packet_queue::first(std::size_t count) {
  return std::span(packets_).subspan(popped_, std::min(count, size()));
}

void packet_queue::pop(std::size_t count) {
  for (auto& p : first(count)) p.data = nullptr;
  popped_ += std::min(count, size());
  if (popped_ == packets_.size()) {
    clear();
  } else if (popped_ > packets_.size() / 2) {  // amortized: moves fewer packets than were popped
    packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(popped_));
    popped_ = 0;
  }
}

void packet_queue::clear() {
  packets_.clear();
  if (packets_.capacity() > max_idle_capacity) std::vector<packet>().swap(packets_);
  popped_ = 0;
}

}  // namespace emostream::engineio
