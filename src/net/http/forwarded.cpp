#include "net/http/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "net/address.hpp"
#include "net/asio.hpp"

namespace emostream::net {

namespace {

using asio::ip::address;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool iequals(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, lower);
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::optional<address> parse_address(std::string_view text) {
  constexpr std::size_t max_size = 45;  // ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255
  if (text.empty() || text.size() > max_size || text.find('%') != std::string_view::npos) return std::nullopt;
  error_code ec;
  const auto a = asio::ip::make_address(text, ec);
  if (ec) return std::nullopt;
  return unmapped(a);
}

/// True for one to five digits.
bool is_small_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A node as in RFC 7239 section 6, or an address as in X-Forwarded-For: with or without a port, IPv6 with or
/// without brackets.
std::optional<address> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.starts_with(':') && is_small_number(rest.substr(1)))) return std::nullopt;
    const auto a = parse_address(text.substr(1, end - 1));
    return text.find(':') < end ? a : std::nullopt;
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && text.find('.') < colon && is_small_number(text.substr(colon + 1)))
    text = text.substr(0, colon);
  return parse_address(text);
}

/// Iterates over a list from its end; the list may span several header lines. The element of the nearest
/// proxy is the first one, and what the client wrote to the left of it cannot change it: quotes are matched
/// backwards, too.
class reverse_list {
 public:
  reverse_list(const request_head& head, std::string_view name, bool quotes) : quotes_(quotes) {
    for (const auto& [key, value] : head.headers)
      if (key == name) lines_.emplace_back(value);
  }
  std::optional<std::string_view> next() {
    if (lines_.empty()) return std::nullopt;
    auto& line = lines_.back();
    const auto comma = last_comma(line);
    const auto element = trim(line.substr(comma == std::string_view::npos ? 0 : comma + 1));
    if (comma == std::string_view::npos)
      lines_.pop_back();
    else
      line = line.substr(0, comma);
    return element;
  }

 private:
  [[nodiscard]] std::size_t last_comma(std::string_view line) const {
    if (!quotes_) return line.rfind(',');
    bool quoted = false;
    for (auto i = line.size(); i-- > 0;) {
      if (line[i] == '"' && !(i > 0 && line[i - 1] == '\\')) quoted = !quoted;
      if (line[i] == ',' && !quoted) return i;
    }
    return std::string_view::npos;
  }

  std::vector<std::string_view> lines_;
  bool quotes_;
};

/// What one proxy reports about the connection to it.
struct hop {
  std::optional<address> from;
  std::optional<bool> secure;
};

std::optional<bool> is_secure(std::string_view protocol) {
  if (iequals(protocol, "https") || iequals(protocol, "wss")) return true;
  if (iequals(protocol, "http") || iequals(protocol, "ws")) return false;
  return std::nullopt;
}

/// Parses an element of Forwarded (RFC 7239 section 4). A malformed element gives an empty hop.
hop parse_element(std::string_view element) {
  hop h;
  bool has_for = false;
  while (!element.empty()) {
    const auto equals = element.find('=');
    if (equals == std::string_view::npos) return {};
    const auto name = trim(element.substr(0, equals));
    auto value = element.substr(equals + 1);
    if (value.starts_with('"')) {
      const auto end = value.find('"', 1);  // the values that we use contain no quotes
      if (end == std::string_view::npos) return {};
      element = trim(value.substr(end + 1));
      value = value.substr(1, end - 1);
      if (!element.empty() && !element.starts_with(';')) return {};
      if (!element.empty()) element.remove_prefix(1);
    } else {
      const auto end = std::min(value.find(';'), value.size());
      element = value.substr(std::min(end + 1, value.size()));
      value = trim(value.substr(0, end));
    }
    element = trim(element);
    if (iequals(name, "for")) {
      if (std::exchange(has_for, true)) return {};
      h.from = parse_node(value);
    } else if (iequals(name, "proto")) {
      h.secure = is_secure(value);
    }
  }
  return h;
}

/// Iterates over the hops, beginning with the nearest proxy.
class hops {
 public:
  hops(const request_head& head, forwarded_by which)
      : standard_(which == forwarded_by::forwarded),
        elements_(head, standard_ ? "forwarded" : "x-forwarded-for", standard_),
        protocols_(head, "x-forwarded-proto", false) {}
  std::optional<hop> next() {
    const auto element = elements_.next();
    if (standard_) return element ? std::optional(parse_element(*element)) : std::nullopt;
    // Usually there is only one protocol, the client's, however many addresses there are. A proxy may also
    // report the protocol without an address.
    const auto protocol = protocols_.next();
    if (!element && !protocol) return std::nullopt;
    if (protocol) protocol_ = is_secure(*protocol);
    return hop{element ? parse_node(*element) : std::nullopt, protocol_};
  }

 private:
  bool standard_;
  reverse_list elements_;
  reverse_list protocols_;
  std::optional<bool> protocol_;
};

}  // namespace

trusted_proxies::trusted_proxies(const std::vector<std::string>& networks, forwarded_by which)
    : which_(which) {
  for (const auto& text : networks) {
    const std::string_view all = text;
    const auto slash = all.find('/');
    const auto bad = [&] {
      return std::runtime_error("a trusted proxy is an address or a network such as 10.0.0.0/8, not " + text);
    };
    error_code ec;
    const auto a = asio::ip::make_address(all.substr(0, slash), ec);
    if (ec || text.find('%') != std::string::npos) throw bad();
    unsigned length = a.is_v4() ? 32 : 128;
    if (slash != std::string_view::npos) {
      const auto digits = all.substr(slash + 1);
      if (!is_small_number(digits) || digits.size() > 3 || std::stoul(std::string(digits)) > length)
        throw bad();
      length = static_cast<unsigned>(std::stoul(std::string(digits)));
    }
    const auto address = unmapped(a);
    if (address.is_v6()) {
      v6_.emplace_back(address.to_v6(), static_cast<unsigned short>(length));
    } else {
      if (a.is_v6() && length < 96) throw bad();  // larger than the IPv4-mapped range
      v4_.emplace_back(address.to_v4(), static_cast<unsigned short>(a.is_v6() ? length - 96 : length));
    }
  }
}

bool trusted_proxies::contains(const asio::ip::address& client) const {
  const auto a = unmapped(client);
  const auto is_in = [](const auto& bare) {
    return [&bare](const auto& network) {
      return std::remove_cvref_t<decltype(network)>(bare, network.prefix_length()).network() ==
             network.network();
    };
  };
  if (a.is_v4()) return std::ranges::any_of(v4_, is_in(a.to_v4()));
  const asio::ip::address_v6 bare(a.to_v6().to_bytes());  // without the scope id
  return std::ranges::any_of(v6_, is_in(bare));
}

void trusted_proxies::apply(request_head& head, const asio::ip::address& peer) const {
  if (!contains(peer)) return;
  hops all(head, which_);
  address client = unmapped(peer);
  while (contains(client)) {
    const auto h = all.next();
    if (!h) break;
    if (h->secure) head.secure = *h->secure;
    if (!h->from) break;
    client = *h->from;
  }
  head.remote_address = client.to_string();
}

}  // namespace emostream::net
