#pragma once

#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/request_head.hpp"
#include "net/http/http_options.hpp"

namespace emostream::net {

/// The reverse proxies that are trusted to report their clients' addresses: IPv4 and IPv6 addresses and
/// networks. IPv4-mapped IPv6 addresses are treated as IPv4 addresses.
class trusted_proxies {
 public:
  /// `networks` are addresses and CIDR networks. Throws a std::runtime_error that names an invalid one.
  trusted_proxies(const std::vector<std::string>& networks, forwarded_by which);

  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;

  /// Sets `remote_address` and `secure` of `head`, a request received from `peer`, from the headers that
  /// options::proxy_headers selects. Reads their list backwards, from the nearest proxy: `remote_address`
  /// becomes the first address that is not a trusted proxy, or the last trusted proxy before an entry that is
  /// not an address or the end of the list. No effect if `peer` is not trusted.
  void apply(request_head& head, const boost::asio::ip::address& peer) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
  forwarded_by which_;
};

}  // namespace emostream::net
