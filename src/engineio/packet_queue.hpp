#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engineio/packet.hpp"

namespace emostream::engineio {

/// A FIFO queue of packets. Removing n packets takes amortized O(n), independent of the queue's length. An
/// empty queue keeps capacity for a few packets only.
class packet_queue {
 public:
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  [[nodiscard]] std::size_t size() const { return packets_.size() - popped_; }

  void push(packet p) { packets_.push_back(std::move(p)); }
  /// The first `count` packets, or all if there are fewer.
  [[nodiscard]] std::span<packet> first(std::size_t count);
  void pop(std::size_t count);
  void clear();

 private:
  std::vector<packet> packets_;
  std::size_t popped_ = 0;  // already removed, at the front of packets_
};

}  // namespace emostream::engineio
