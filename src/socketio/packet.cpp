#include "socketio/packet.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "socketio/error.hpp"
#include "socketio/json.hpp"
#include "socketio/placeholder.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

constexpr std::uint64_t max_id = (std::uint64_t{1} << 53) - 1;  // what a JavaScript number counts to

constexpr bool is_binary(packet_type type) {
  return type == packet_type::binary_event || type == packet_type::binary_ack;
}

constexpr bool must_have_id(packet_type type) {
  return type == packet_type::ack || type == packet_type::binary_ack;
}

constexpr bool may_have_id(packet_type type) {
  return must_have_id(type) || type == packet_type::event || type == packet_type::binary_event;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes the digits at the start of `text`; nullopt if the number does not fit.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

result<std::size_t> take_attachment_count(std::string_view& text, std::size_t limit) {
  if (text.empty() || !is_digit(text.front())) return failure(error::bad_attachment_count);
  const auto count = take_number(text);
  if (!count) return failure(error::too_many_attachments);
  if (text.empty() || text.front() != '-') return failure(error::bad_attachment_count);
  text.remove_prefix(1);
  if (*count > limit) return failure(error::too_many_attachments);
  return static_cast<std::size_t>(*count);
}

std::string take_namespace(std::string_view& text) {
  if (text.empty() || text.front() != '/') return "/";
  const std::string_view name = text.substr(0, text.find(','));
  text.remove_prefix(std::min(name.size() + 1, text.size()));
  return std::string(name.substr(0, name.find('?')));
}

/// What the server would send, or JavaScript's EventEmitter uses: not for a client to fire.
bool is_reserved(std::string_view event) {
  static constexpr std::array<std::string_view, 6> names = {
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::ranges::find(names, event) != names.end();
}

bool is_event(const json::value& data) {
  const auto* values = data.if_array();
  if (!values || values->empty()) return false;
  const json::value& name = values->front();
  return name.is_number() || (name.is_string() && !is_reserved(name.get_string()));
}

bool is_allowed(packet_type type, const json::value& data, bool present) {
  switch (type) {
    case packet_type::connect:
      return !present || data.is_object();
    case packet_type::disconnect:
      return !present;
    case packet_type::event:
    case packet_type::binary_event:
      return is_event(data);
    case packet_type::ack:
    case packet_type::binary_ack:
      return data.is_array();
    case packet_type::connect_error:
      return data.is_string() || data.is_object();
  }
  return false;
}

/// Whether each placeholder in `value` stands for one of `count` attachments. As deep as the parser allowed.
bool placeholders_fit(const json::value& value, std::size_t count) {
  const auto fit = [count](const json::value& v) { return placeholders_fit(v, count); };
  if (const auto* array = value.if_array()) return std::ranges::all_of(*array, fit);
  const auto* object = value.if_object();
  if (!object) return true;
  if (is_placeholder(*object)) {
    const auto index = placeholder_index(*object);
    return index && *index < count;
  }
  return std::ranges::all_of(*object, [&fit](const auto& member) { return fit(member.value()); });
}

std::string head(packet_type type, std::string_view nsp, std::optional<std::uint64_t> id = std::nullopt,
                 std::size_t attachments = 0) {
  std::string out;
  out.push_back(static_cast<char>('0' + static_cast<int>(type)));
  if (is_binary(type)) out.append(std::to_string(attachments)).push_back('-');
  if (nsp != "/") out.append(nsp).push_back(',');
  if (id) out.append(std::to_string(*id));
  return out;
}

/// Appends the members of a JSON array, without its brackets.
void write_elements(std::string& out, const json::array& values) {
  bool first = true;
  for (const auto& value : values) {
    if (!std::exchange(first, false)) out.push_back(',');
    write_json(out, value);
  }
}

encoded_packet finish(std::string text, const std::vector<shared_bytes>& attachments = {}) {
  encoded_packet packet;
  packet.reserve(1 + attachments.size());
  packet.push_back(message::text(std::move(text)));
  for (const auto& bytes : attachments) packet.push_back({bytes, true});
  return packet;
}

void check(const arguments& args) {
  if (args.attachments.size() > max_encoded_attachments)
    throw std::invalid_argument("an event or acknowledgement has more than " +
                                std::to_string(max_encoded_attachments) + " attachments");
}

}  // namespace

result<packet_head> parse_packet(std::string_view text, const options& limits) {
  if (text.empty()) return failure(error::empty_packet);
  if (text.front() < '0' || text.front() > '6') return failure(error::unknown_type);
  packet_head parsed;
  packet& p = parsed.content;
  p.type = static_cast<packet_type>(text.front() - '0');
  text.remove_prefix(1);

  if (is_binary(p.type)) {
    const auto count = take_attachment_count(text, limits.max_attachments);
    if (!count) return std::unexpected(count.error());
    parsed.attachments = *count;
  }
  p.nsp = take_namespace(text);
  if (!text.empty() && is_digit(text.front())) {
    p.id = take_number(text);
    if (!p.id || *p.id > max_id) return failure(error::bad_id);
  }
  if (p.id ? !may_have_id(p.type) : must_have_id(p.type)) return failure(error::bad_id);

  const bool present = !text.empty();
  if (present) {
    auto data = parse_json(text, limits.max_json_depth);
    if (!data) return std::unexpected(data.error());
    p.data = std::move(*data);
  }
  if (!is_allowed(p.type, p.data, present)) return failure(error::bad_payload);
  if (is_binary(p.type) && !placeholders_fit(p.data, parsed.attachments))
    return failure(error::bad_placeholder);
  return parsed;
}

encoded_packet encode_event(std::string_view nsp, std::string_view name, const arguments& args,
                            std::optional<std::uint64_t> id) {
  check(args);
  const auto type = args.attachments.empty() ? packet_type::event : packet_type::binary_event;
  std::string text = head(type, nsp, id, args.attachments.size());
  text.push_back('[');
  write_json(text, name);
  if (!args.values.empty()) text.push_back(',');
  write_elements(text, args.values);
  text.push_back(']');
  return finish(std::move(text), args.attachments);
}

encoded_packet encode_ack(std::string_view nsp, std::uint64_t id, const arguments& answer) {
  check(answer);
  const auto type = answer.attachments.empty() ? packet_type::ack : packet_type::binary_ack;
  std::string text = head(type, nsp, id, answer.attachments.size());
  text.push_back('[');
  write_elements(text, answer.values);
  text.push_back(']');
  return finish(std::move(text), answer.attachments);
}

encoded_packet encode_connect(std::string_view nsp, std::string_view sid) {
  std::string text = head(packet_type::connect, nsp);
  text.append(R"({"sid":)");
  write_json(text, sid);
  text.push_back('}');
  return finish(std::move(text));
}

encoded_packet encode_connect_error(std::string_view nsp, std::string_view message, const json::value* data) {
  std::string text = head(packet_type::connect_error, nsp);
  text.append(R"({"message":)");
  write_json(text, message);
  if (data) {
    text.append(R"(,"data":)");
    write_json(text, *data);
  }
  text.push_back('}');
  return finish(std::move(text));
}

encoded_packet encode_disconnect(std::string_view nsp) {
  return finish(head(packet_type::disconnect, nsp));
}

}  // namespace emostream::socketio
