#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace emostream::net {

/// The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2); other addresses unchanged.
boost::asio::ip::address unmapped(const boost::asio::ip::address& a);

/// Counts something for each client address, up to a limit. IPv6 addresses are counted by their /64 prefix,
/// because one customer is usually assigned a whole /64. Only addresses with a nonzero count are stored.
class address_counter {
 public:
  /// One unit, counted until the slot is destroyed. An empty slot is not counted.
  class slot {
   public:
    slot() = default;
    slot(slot&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)), key_(other.key_) {}
    slot& operator=(slot&&) = delete;
    ~slot() {
      if (counter_) counter_->release(key_);
    }

   private:
    friend class address_counter;
    slot(address_counter& counter, std::uint64_t key) : counter_(&counter), key_(key) {}
    address_counter* counter_ = nullptr;
    std::uint64_t key_ = 0;
  };

  /// 0: no limit, and nothing is counted. The counter must outlive its slots.
  explicit address_counter(std::size_t limit) : limit_(limit) {}

  /// Counts one unit for the address; nullopt if it has reached the limit.
  std::optional<slot> take(const boost::asio::ip::address& a);
  /// The same for an address as text; an empty slot if the text is not an address.
  std::optional<slot> take(std::string_view a);

  /// The number of addresses with a nonzero count.
  [[nodiscard]] std::size_t size() const { return counts_.size(); }

 private:
  void release(std::uint64_t key);

  std::size_t limit_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace emostream::net
