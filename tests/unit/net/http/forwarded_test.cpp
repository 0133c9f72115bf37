#include "net/http/forwarded.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

/// The client of a request, as the application sees it.
struct client_info {
  std::string address;
  bool secure;
  bool operator==(const client_info&) const = default;
};

std::ostream& operator<<(std::ostream& out, const client_info& c) {
  return out << c.address << (c.secure ? " secure" : "");
}

const std::vector<std::string> proxies{"10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.9"};

client_info client_of(forwarded_by which, headers h, const char* peer = "10.0.0.1", bool secure = false) {
  request_head head;
  head.headers = std::move(h);
  head.remote_address = peer;
  head.secure = secure;
  trusted_proxies(proxies, which).apply(head, boost::asio::ip::make_address(peer));
  return {head.remote_address, head.secure};
}
std::string x_for(headers h, const char* peer = "10.0.0.1") {
  return client_of(forwarded_by::x_forwarded, std::move(h), peer).address;
}
std::string x_for(const char* value, const char* peer = "10.0.0.1") {
  return x_for(headers{{"x-forwarded-for", value}}, peer);
}
client_info forwarded(const char* value, bool secure = false) {
  return client_of(forwarded_by::forwarded, {{"forwarded", value}}, "10.0.0.1", secure);
}

TEST(trusted_proxies, accepts_addresses_and_networks) {
  const trusted_proxies p(
      {"127.0.0.1", "10.1.2.3/8", "fd00::/8", "::ffff:198.51.100.0/120", "::1/128", "192.0.2.0/31"},
      forwarded_by::x_forwarded);
  const auto contains = [&](const char* a) { return p.contains(boost::asio::ip::make_address(a)); };
  for (const auto* a :
       {"127.0.0.1", "::ffff:127.0.0.1", "10.255.0.1", "fd12:3456::1", "198.51.100.77", "::1", "192.0.2.1"})
    EXPECT_TRUE(contains(a)) << a;
  for (const auto* a :
       {"127.0.0.2", "11.0.0.1", "fc00::1", "198.51.101.1", "::2", "192.0.2.2", "::ffff:11.0.0.1"})
    EXPECT_FALSE(contains(a)) << a;
  const trusted_proxies all({"0.0.0.0/0"}, forwarded_by::x_forwarded);
  EXPECT_TRUE(all.contains(boost::asio::ip::make_address("203.0.113.5")));
  EXPECT_FALSE(all.contains(boost::asio::ip::make_address("2001:db8::1")));
}

TEST(trusted_proxies, rejects_invalid_addresses_and_networks) {
  for (const auto* bad :
       {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "/8",
        "10.0.0.0/8/8", "::ffff:10.0.0.0/64", "fe80::1%eth0", "10.0.0.0/0008", "10.0.0.1 "})
    EXPECT_THROW(trusted_proxies({bad}, forwarded_by::x_forwarded), std::runtime_error) << bad;
}

TEST(trusted_proxies, ignores_headers_of_untrusted_peers) {
  EXPECT_EQ(x_for("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(x_for("203.0.113.7", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(x_for("203.0.113.7", "::ffff:10.0.0.1"), "203.0.113.7");
  const headers h{{"x-forwarded-for", "203.0.113.7"}, {"x-forwarded-proto", "https"}};
  EXPECT_EQ(client_of(forwarded_by::x_forwarded, h, "198.51.100.1"), (client_info{"198.51.100.1", false}));
  EXPECT_EQ(client_of(forwarded_by::x_forwarded, h), (client_info{"203.0.113.7", true}));
}

TEST(trusted_proxies, without_an_address_the_client_is_the_proxy) {
  EXPECT_EQ(x_for(headers{}), "10.0.0.1");
  EXPECT_EQ(x_for(headers{}, "::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(x_for(""), "10.0.0.1");
}

TEST(x_forwarded_for, the_client_is_the_last_address_that_is_not_a_proxy) {
  EXPECT_EQ(x_for("203.0.113.7, 10.9.9.9, 192.0.2.9"), "203.0.113.7");
  EXPECT_EQ(x_for("1.1.1.1, 203.0.113.7"), "203.0.113.7");  // the first address is forged by the client
  EXPECT_EQ(x_for("1.1.1.1, 203.0.113.7, 10.0.0.2"), "203.0.113.7");
  EXPECT_EQ(x_for("10.0.0.7, 10.0.0.8"), "10.0.0.7");  // only proxies
  EXPECT_EQ(x_for({{"x-forwarded-for", "1.1.1.1"}, {"x-forwarded-for", "203.0.113.7,10.0.0.2"}}),
            "203.0.113.7");
  EXPECT_EQ(x_for({{"x-forwarded-for", "203.0.113.7"}, {"x-forwarded-for", "10.0.0.2"}}), "203.0.113.7");
}

TEST(x_forwarded_for, accepts_addresses_in_many_forms) {
  EXPECT_EQ(x_for("203.0.113.7:5678"), "203.0.113.7");
  EXPECT_EQ(x_for("2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(x_for("2001:DB8:0::7"), "2001:db8::7");
  EXPECT_EQ(x_for("[2001:db8::7]"), "2001:db8::7");
  EXPECT_EQ(x_for("[2001:db8::7]:5678"), "2001:db8::7");
  EXPECT_EQ(x_for("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(x_for("  203.0.113.7\t"), "203.0.113.7");
}

TEST(x_forwarded_for, an_invalid_address_ends_the_search) {
  for (const auto* bad : {"unknown", "203.0.113", "203.0.113.7:", "203.0.113.7:x", "203.0.113.7:123456",
                          "[203.0.113.7]", "[2001:db8::7", "[2001:db8::7]5", "2001:db8::7]", "1.1.1.1,",
                          "1.1.1.1, ,", "fe80::1%eth0", "\"203.0.113.7\"", "0x7f.1"})
    EXPECT_EQ(x_for(bad), "10.0.0.1") << bad;
  EXPECT_EQ(x_for("203.0.113.7, nonsense, 10.0.0.5"), "10.0.0.5");
}

TEST(x_forwarded_proto, is_the_protocol_of_the_client) {
  const auto secure = [](const char* address, const char* protocol, bool secure_hop = false) {
    return client_of(forwarded_by::x_forwarded,
                     {{"x-forwarded-for", address}, {"x-forwarded-proto", protocol}}, "10.0.0.1", secure_hop)
        .secure;
  };
  EXPECT_TRUE(secure("203.0.113.7", "https"));
  EXPECT_TRUE(secure("203.0.113.7", "HTTPS"));
  EXPECT_TRUE(secure("203.0.113.7", "wss"));
  EXPECT_FALSE(secure("203.0.113.7", "http", true));
  EXPECT_TRUE(secure("203.0.113.7", "gopher", true));
  EXPECT_FALSE(secure("203.0.113.7", "gopher", false));
  EXPECT_TRUE(secure("203.0.113.7, 10.0.0.2", "https"));        // one protocol for all hops
  EXPECT_TRUE(secure("203.0.113.7, 10.0.0.2", "https, http"));  // one protocol per hop
  EXPECT_FALSE(secure("203.0.113.7, 10.0.0.2", "http, https"));
  EXPECT_FALSE(secure("203.0.113.7", "https, http"));  // the first protocol is forged by the client
}

TEST(x_forwarded_proto, is_honoured_without_an_address) {
  const headers https{{"x-forwarded-proto", "https"}};
  EXPECT_EQ(client_of(forwarded_by::x_forwarded, https), (client_info{"10.0.0.1", true}));
  EXPECT_EQ(client_of(forwarded_by::x_forwarded, https, "198.51.100.1"),
            (client_info{"198.51.100.1", false}));
  EXPECT_EQ(client_of(forwarded_by::x_forwarded, {{"x-forwarded-proto", "http"}}, "10.0.0.1", true),
            (client_info{"10.0.0.1", false}));
  EXPECT_EQ(client_of(forwarded_by::forwarded, https), (client_info{"10.0.0.1", false}));
  // The farthest proxy reports no address, only a protocol.
  EXPECT_EQ(client_of(forwarded_by::x_forwarded,
                      {{"x-forwarded-for", "10.0.0.2"}, {"x-forwarded-proto", "https, http"}}),
            (client_info{"10.0.0.2", true}));
}

TEST(x_forwarded, ignores_forwarded) {
  const headers both{{"x-forwarded-for", "203.0.113.7"}, {"forwarded", "for=198.51.100.1;proto=https"}};
  EXPECT_EQ(client_of(forwarded_by::x_forwarded, both), (client_info{"203.0.113.7", false}));
  EXPECT_EQ(client_of(forwarded_by::forwarded, both), (client_info{"198.51.100.1", true}));
}

// Examples of RFC 7239, sections 4 to 7, some of them modified.
TEST(forwarded, parses_the_examples_of_the_rfc) {
  EXPECT_EQ(forwarded("for=192.0.2.43"), (client_info{"192.0.2.43", false}));
  EXPECT_EQ(forwarded("For=\"[2001:db8:cafe::17]:4711\""), (client_info{"2001:db8:cafe::17", false}));
  EXPECT_EQ(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43", true), (client_info{"192.0.2.60", false}));
  EXPECT_EQ(forwarded("for=192.0.2.43, for=198.51.100.17"), (client_info{"198.51.100.17", false}));
  EXPECT_EQ(forwarded("for=192.0.2.43,for=\"[2001:db8:ffff::17]\",for=\"10.0.0.3:80\""),
            (client_info{"192.0.2.43", false}));
  EXPECT_EQ(forwarded("for=192.0.2.43 ; proto=https ;by=10.0.0.1"), (client_info{"192.0.2.43", true}));
  EXPECT_EQ(forwarded("proto=https"), (client_info{"10.0.0.1", true}));
  EXPECT_EQ(forwarded("for=_gazonk"), (client_info{"10.0.0.1", false}));
  EXPECT_EQ(forwarded("for=unknown;proto=https"), (client_info{"10.0.0.1", true}));
}

TEST(forwarded, a_malformed_element_ends_the_search) {
  for (const auto* bad :
       {"for", "for=", "for=\"", "for=\"192.0.2.43", "for=\"192.0.2.43\"x", "for=192.0.2.43;for=192.0.2.44",
        ";;", "=", "for=\"[2001:db8::1\"", "for=2001:db8::g", "for=192.0.2.43;proto"})
    EXPECT_EQ(forwarded(bad), (client_info{"10.0.0.1", false})) << bad;
}

TEST(forwarded, unbalanced_quotes_of_a_client_do_not_hide_the_element_of_the_proxy) {
  for (const auto* from_client :
       {"for=\"", "for=\"a\\", "\"", "\"\"\"", "for=\"x, y", "\\\"", "for=1.1.1.1;by=\"", "a=\"\\"})
    for (const auto* from_proxy :
         {"for=192.0.2.43", "for=\"192.0.2.43:80\"", "proto=http;for=192.0.2.43;host=\"a,b\""})
      EXPECT_EQ(forwarded((std::string(from_client) + ", " + from_proxy).c_str()),
                (client_info{"192.0.2.43", false}))
          << from_client << from_proxy;
}

}  // namespace
}  // namespace emostream::net
