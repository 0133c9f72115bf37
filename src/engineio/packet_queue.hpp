#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engineio/packet.hpp"

namespace emostream::engineio {

/// Packets in order. Taking some from the front costs by their number alone, however many there are. An empty
/// one holds hardly any memory, but enough for the next few packets.
class packet_queue {
 public:
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  [[nodiscard]] std::size_t size() const { return packets_.size() - gone_; }

  void push(packet p) { packets_.push_back(std::move(p)); }
  /// The first so many, or all if there are fewer.
  [[nodiscard]] std::span<packet> first(std::size_t count);
  void pop(std::size_t count);
  void clear();

 private:
  std::vector<packet> packets_;
  std::size_t gone_ = 0;  // from the front
};

}  // namespace emostream::engineio
