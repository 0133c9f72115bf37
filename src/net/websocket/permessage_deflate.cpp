#include "net/websocket/permessage_deflate.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/beast/core/string.hpp>

namespace emostream::net {

namespace {

constexpr std::string_view extension = "permessage-deflate";
/// The last bytes of a sync flush, which the sender removes from each message (RFC 7692 section 7.2.1).
constexpr std::string_view tail("\0\0\xff\xff", 4);
/// An empty block without the tail. It follows a final block (section 7.2.3.4), and is an empty message
/// (section 7.2.3.6).
constexpr std::string_view empty_block("\0", 1);

/// Removes everything before the first delimiter from `rest`, the remainder of a Sec-WebSocket-Extensions
/// header, and returns it without surrounding white space. Even quoted values contain no delimiters (RFC 6455
/// section 9.1).
std::string_view next_part(std::string_view& rest, std::string_view delimiters) {
  const auto end = std::min(rest.find_first_of(delimiters), rest.size());
  auto part = rest.substr(0, end);
  rest.remove_prefix(end);
  const auto begin = part.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return part.substr(begin, part.find_last_not_of(" \t") - begin + 1);
}

std::optional<int> window_bits_of(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  int bits = 0;
  const auto* const end = value.data() + value.size();
  const auto [stop, ec] = std::from_chars(value.data(), end, bits);
  if (ec != std::errc() || stop != end || value.starts_with('0') || bits < 8 || bits > 15)
    return std::nullopt;
  return bits;
}

struct offer {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits;
  std::optional<int> client_max_window_bits;
  bool valid = true;

  void add(std::string_view name, std::optional<std::string_view> value) {
    const auto set_flag = [this](bool& flag, bool has_value) {
      if (flag || has_value) valid = false;
      flag = true;
    };
    if (name == "server_no_context_takeover") return set_flag(server_no_context_takeover, value.has_value());
    if (name == "client_no_context_takeover") return set_flag(client_no_context_takeover, value.has_value());
    const bool of_server = name == "server_max_window_bits";
    auto& bits = of_server ? server_max_window_bits : client_max_window_bits;
    if ((!of_server && name != "client_max_window_bits") || bits) {
      valid = false;
      return;
    }
    // Without a value, client_max_window_bits allows the server to choose any.
    bits = value       ? window_bits_of(*value)
           : of_server ? std::nullopt
                       : std::optional(deflater::max_window_bits);
    if (!bits) valid = false;
  }
};

std::optional<deflate_agreement> accept(const offer& o, const message_compression& ours) {
  // zlib cannot compress a raw stream with 8 window bits; it can decompress one.
  if (!o.valid || o.server_max_window_bits == 8) return std::nullopt;
  // The window of a client that does not offer client_max_window_bits cannot be limited.
  if (!o.client_max_window_bits && ours.client_max_window_bits < deflater::max_window_bits)
    return std::nullopt;
  const auto at_most = [](std::optional<int> offered, int bits) {
    return std::min(offered.value_or(deflater::max_window_bits),
                    std::clamp(bits, deflater::min_window_bits, deflater::max_window_bits));
  };
  return deflate_agreement{
      .server_no_context_takeover = o.server_no_context_takeover || !ours.context_takeover,
      .client_no_context_takeover = o.client_no_context_takeover || !ours.context_takeover,
      .server_max_window_bits = at_most(o.server_max_window_bits, ours.server_max_window_bits),
      .client_max_window_bits = at_most(o.client_max_window_bits, ours.client_max_window_bits)};
}

std::optional<deflate_agreement> negotiate(std::string_view header, const message_compression& ours) {
  while (!header.empty()) {
    const auto name = next_part(header, ",;");
    offer o;
    while (header.starts_with(';')) {
      header.remove_prefix(1);
      const auto parameter = next_part(header, ",;=");
      std::optional<std::string_view> value;
      if (header.starts_with('=')) {
        header.remove_prefix(1);
        value = next_part(header, ",;");
      }
      o.add(parameter, value);
    }
    header.remove_prefix(std::min<std::size_t>(header.size(), 1));
    if (!boost::beast::iequals(name, extension)) continue;
    if (const auto agreed = accept(o, ours)) return agreed;
  }
  return std::nullopt;
}

}  // namespace

std::optional<deflate_agreement> negotiate_deflate(const request_head& head,
                                                   const message_compression& ours) {
  for (const auto& [name, value] : head.headers)
    if (name == "sec-websocket-extensions")
      if (const auto agreed = negotiate(value, ours)) return agreed;
  return std::nullopt;
}

std::string to_header(const deflate_agreement& agreed) {
  std::string text(extension);
  if (agreed.server_no_context_takeover) text += "; server_no_context_takeover";
  if (agreed.client_no_context_takeover) text += "; client_no_context_takeover";
  if (agreed.server_max_window_bits != deflater::max_window_bits)
    text += "; server_max_window_bits=" + std::to_string(agreed.server_max_window_bits);
  if (agreed.client_max_window_bits != deflater::max_window_bits)
    text += "; client_max_window_bits=" + std::to_string(agreed.client_max_window_bits);
  return text;
}

namespace {

shared_bytes deflate_with(deflater& d, std::string_view prefix, std::string_view text) {
  std::string out;
  d.append(out, prefix, deflater::flush::none);
  d.append(out, text, deflater::flush::sync);
  out.resize(out.size() - tail.size());
  return std::make_shared<const std::string>(std::move(out));
}

}  // namespace

shared_bytes shared_deflate::deflate(std::string_view prefix, const shared_bytes& data, int window_bits) {
  const bool same_data = !last_.data.owner_before(data) && !data.owner_before(last_.data);
  if (same_data && last_.prefix == prefix && last_.window_bits == window_bits) return last_.deflated;
  auto& shared = deflaters_[static_cast<std::size_t>(window_bits)];
  if (shared)
    shared->reset();
  else
    shared.emplace(deflater::format::raw, window_bits);
  last_ = {data, prefix, window_bits, deflate_with(*shared, prefix, *data)};
  return last_.deflated;
}

inflater& shared_deflate::fresh_inflater() {
  if (inflater_)
    inflater_->reset();
  else
    inflater_.emplace();
  return *inflater_;
}

message_deflate::message_deflate(shared_deflate& shared, const deflate_agreement& agreed,
                                 std::size_t threshold)
    : shared_(shared), agreed_(agreed), threshold_(threshold) {}

shared_bytes message_deflate::deflate(std::string_view prefix, const shared_bytes& data) {
  if (!data || prefix.size() + data->size() < threshold_) return nullptr;
  if (agreed_.server_no_context_takeover) {
    auto deflated = shared_.deflate(prefix, data, agreed_.server_max_window_bits);
    return deflated->size() < prefix.size() + data->size() ? deflated : nullptr;
  }
  if (!deflater_) deflater_.emplace(deflater::format::raw, agreed_.server_max_window_bits);
  // Even if the result is larger than the message, it must be sent: later messages may refer to it.
  return deflate_with(*deflater_, prefix, *data);
}

std::expected<void, close_code> message_deflate::inflate(std::string_view content, std::size_t limit,
                                                         std::string& out) {
  if (content.empty()) return {};  // tolerated as an empty message
  const bool takeover = !agreed_.client_no_context_takeover;
  if (takeover && !inflater_) inflater_.emplace(agreed_.client_max_window_bits);
  auto& active_inflater = takeover ? *inflater_ : shared_.fresh_inflater();

  auto outcome = active_inflater.append(out, content, limit);
  if (outcome == inflater::outcome::end && content == empty_block) content = {};
  if (outcome == inflater::outcome::more) {
    content = tail;
    outcome = active_inflater.append(out, content, limit);
  }
  if (outcome == inflater::outcome::end && content.empty()) {  // nothing else follows a final block
    active_inflater.reset(takeover);
    return {};
  }
  if (outcome == inflater::outcome::more && active_inflater.between_blocks()) return {};
  return std::unexpected(outcome == inflater::outcome::too_big ? close_code::too_big
                                                               : close_code::bad_content);
}

}  // namespace emostream::net
