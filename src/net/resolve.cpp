#include "net/resolve.hpp"

#include <boost/asio/ip/basic_resolver.hpp>

#include "net/asio.hpp"

namespace emostream::net {

result<asio::ip::address> resolve(const std::string& host) {
  if (host.empty()) return failure(std::errc::invalid_argument);  // the resolver would return a local address
  error_code ec;
  auto address = asio::ip::make_address(host, ec);
  if (!ec) return address;
  asio::io_context io;
  const auto found = asio::ip::basic_resolver<tcp, executor>(io.get_executor()).resolve(host, "", ec);
  if (ec) return std::unexpected(ec);
  return found.begin()->endpoint().address();
}

}  // namespace emostream::net
