#include "net/address.hpp"

namespace emostream::net {

namespace ip = boost::asio::ip;

namespace {

/// The /64 prefix of an IPv6 address. An IPv4 address gets a key in the range of ::/32, which is reserved
/// (RFC 4291 section 4): of the addresses there, only ::1 is a client's, and it shares its key with 0.0.0.0.
std::uint64_t key_of(const ip::address& a) {
  if (a.is_v4()) return a.to_v4().to_uint();
  std::uint64_t prefix = 0;
  const auto bytes = a.to_v6().to_bytes();
  for (std::size_t i = 0; i < sizeof prefix; ++i) prefix = prefix << 8 | bytes[i];
  return prefix;
}

}  // namespace

ip::address unmapped(const ip::address& a) {
  if (a.is_v6() && a.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, a.to_v6());
  return a;
}

std::optional<address_counter::slot> address_counter::take(const ip::address& a) {
  if (limit_ == 0) return slot();
  const auto key = key_of(unmapped(a));
  auto& count = counts_[key];
  if (count == limit_) return std::nullopt;  // operator[] has not inserted the key: its count is not 0
  ++count;
  return slot(*this, key);
}

std::optional<address_counter::slot> address_counter::take(std::string_view a) {
  boost::system::error_code ec;
  const auto address = ip::make_address(a, ec);
  return ec ? slot() : take(address);
}

void address_counter::release(std::uint64_t key) {
  const auto it = counts_.find(key);
  if (--it->second == 0) counts_.erase(it);
}

}  // namespace emostream::net
