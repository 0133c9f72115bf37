#pragma once

#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/request_head.hpp"
#include "net/http/http_options.hpp"

namespace emostream::net {

/// The reverse proxies whose word on their clients is believed: addresses and networks, IPv4 and IPv6. An
/// IPv4-mapped IPv6 address is the IPv4 address that it holds, on either side.
class trusted_proxies {
 public:
  /// Of addresses and CIDR networks. Throws std::runtime_error with one that is neither.
  trusted_proxies(const std::vector<std::string>& networks, forwarded_by which);

  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;

  /// Makes `head`, which arrived from `peer`, tell of the client: `remote_address` becomes the last address
  /// of the header that options::proxy_headers names which is no trusted proxy, and `secure` what the proxies
  /// say. From a peer that is not trusted, it stays as it is. An entry that is no address ends the search:
  /// it, and all before it, is not known.
  void apply(request_head& head, const boost::asio::ip::address& peer) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
  forwarded_by which_;
};

}  // namespace emostream::net
