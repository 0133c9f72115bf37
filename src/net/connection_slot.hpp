#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "net/address.hpp"

namespace emostream::net {

/// Counts the connections of one server.
struct connection_counts {
  std::uint64_t accepted = 0;
  std::size_t open = 0;
  std::function<void()> on_closed = [] {};  ///< called after each close
};

/// Counts one connection from accept to close, including after its upgrade to a WebSocket.
class connection_slot {
 public:
  /// `counts` must outlive the slot.
  connection_slot(connection_counts& counts, address_counter::slot address_slot)
      : counts_(&counts), address_slot_(std::move(address_slot)) {
    ++counts.accepted;
    ++counts.open;
  }
  connection_slot(connection_slot&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)), address_slot_(std::move(other.address_slot_)) {}
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot() {
    if (!counts_) return;
    --counts_->open;
    counts_->on_closed();
  }

 private:
  connection_counts* counts_;
  address_counter::slot address_slot_;
};

}  // namespace emostream::net
