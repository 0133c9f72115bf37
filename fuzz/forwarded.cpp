// Proxy headers that a client has forged: 'f' and lines of Forwarded, or another byte and lines of
// X-Forwarded-For; they are also the lines of X-Forwarded-Proto. Whatever they contain, the element that the
// trusted proxy appends determines the client's address.

#include "net/http/forwarded.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

using namespace emostream;

namespace {

const auto proxy = boost::asio::ip::make_address("10.0.0.1");

request_head request(bool standard, std::string_view lines, std::string_view appended) {
  request_head head;
  head.remote_address = "10.0.0.1";
  const std::string name = standard ? "forwarded" : "x-forwarded-for";
  while (true) {
    const auto end = lines.find('\n');
    head.headers.emplace_back(name, lines.substr(0, end));
    head.headers.emplace_back("x-forwarded-proto", lines.substr(0, end));
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
  }
  if (!appended.empty()) head.headers[head.headers.size() - 2].second.append(", ").append(appended);
  return head;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array proxy_lists{
      net::trusted_proxies({"10.0.0.0/8", "fd00::/8"}, net::forwarded_by::x_forwarded),
      net::trusted_proxies({"10.0.0.0/8", "fd00::/8"}, net::forwarded_by::forwarded)};
  if (size == 0) return 0;
  const bool standard = *data == 'f';
  const auto& trusted = proxy_lists[standard ? 1 : 0];
  const std::string_view lines(reinterpret_cast<const char*>(data) + 1, size - 1);

  auto head = request(standard, lines, "");
  trusted.apply(head, proxy);
  boost::system::error_code ec;
  boost::asio::ip::make_address(head.remote_address, ec);
  if (ec) std::abort();  // the result must be an address

  auto from_untrusted = request(standard, lines, "");
  trusted.apply(from_untrusted, boost::asio::ip::make_address("192.0.2.1"));
  if (from_untrusted.remote_address != "10.0.0.1" || from_untrusted.secure) std::abort();  // unchanged

  auto through_proxy = request(standard, lines, standard ? "for=192.0.2.7" : "192.0.2.7");
  trusted.apply(through_proxy, proxy);
  if (through_proxy.remote_address != "192.0.2.7") std::abort();
  if (!standard) return 0;
  through_proxy = request(standard, lines, "for=\"[2001:db8::7]:80\";proto=http");
  trusted.apply(through_proxy, proxy);
  if (through_proxy.remote_address != "2001:db8::7" || through_proxy.secure) std::abort();
  return 0;
}
