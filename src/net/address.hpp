#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace emostream::net {

/// The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2); any other as it is.
boost::asio::ip::address unmapped(const boost::asio::ip::address& a);

/// Counts what each client address has of something, up to a limit. An IPv6 address is counted with all of
/// its /64, which is what one customer gets. It remembers only addresses that have something.
class address_counter {
 public:
  /// One of them, counted until it is destroyed. Empty: counted nowhere.
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

  /// 0: no limit, and nothing is counted. It must outlive its slots.
  explicit address_counter(std::size_t limit) : limit_(limit) {}

  /// nullopt: it has as many as it may.
  std::optional<slot> take(const boost::asio::ip::address& a);

  /// Addresses that have something.
  [[nodiscard]] std::size_t size() const { return counts_.size(); }

 private:
  void release(std::uint64_t key);

  std::size_t limit_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace emostream::net
