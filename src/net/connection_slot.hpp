#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "net/address.hpp"

namespace emostream::net {

/// The connections of one server.
struct connection_counts {
  std::uint64_t accepted = 0;
  std::size_t open = 0;
  std::function<void()> on_closed = [] {};  ///< called after each close
};

/// Counts one connection from accept to close, across a change of its protocol.
class connection_slot {
 public:
  /// `counts` must outlive it.
  connection_slot(connection_counts& counts, address_counter::slot of_address)
      : counts_(&counts), of_address_(std::move(of_address)) {
    ++counts.accepted;
    ++counts.open;
  }
  connection_slot(connection_slot&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)), of_address_(std::move(other.of_address_)) {}
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot() {
    if (!counts_) return;
    --counts_->open;
    counts_->on_closed();
  }

 private:
  connection_counts* counts_;
  address_counter::slot of_address_;
};

}  // namespace emostream::net
