#pragma once

#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/request_head.hpp"
#include "net/http/http_options.hpp"

namespace emostream::net {

/// The reverse proxies that are trusted to name their clients: addresses and networks, IPv4 and IPv6.
/// IPv4-mapped IPv6 addresses are treated as IPv4 addresses.
class trusted_proxies {
 public:
  /// `networks` are addresses and CIDR networks. Throws std::runtime_error that names an invalid one.
  trusted_proxies(const std::vector<std::string>& networks, forwarded_by which);

  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;

  /// Sets the client in `head`, which arrived from `peer`: `remote_address` becomes the last address in the
  /// header options::proxy_headers that is not a trusted proxy, and `secure` is taken from the proxies too.
  /// No effect if `peer` is not trusted. The search ends at an entry that is not an address.
  void apply(request_head& head, const boost::asio::ip::address& peer) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
  forwarded_by which_;
};

}  // namespace emostream::net
