#include "engineio/packet_queue.hpp"

#include <algorithm>

namespace emostream::engineio {

namespace {

constexpr std::size_t kept = 4;  // packets that an empty queue has room for at most

}  // namespace

std::span<packet> packet_queue::first(std::size_t count) {
  return std::span(packets_).subspan(gone_, std::min(count, size()));
}

void packet_queue::pop(std::size_t count) {
  for (auto& p : first(count)) p.data = nullptr;
  gone_ += std::min(count, size());
  if (gone_ == packets_.size()) {
    clear();
  } else if (gone_ > packets_.size() / 2) {  // those that stay move at most as often as others go
    packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(gone_));
    gone_ = 0;
  }
}

void packet_queue::clear() {
  packets_.clear();
  if (packets_.capacity() > kept) std::vector<packet>().swap(packets_);
  gone_ = 0;
}

}  // namespace emostream::engineio
