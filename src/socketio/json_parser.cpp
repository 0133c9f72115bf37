#include "socketio/json_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "socketio/error.hpp"
#include "socketio/json.hpp"
#include "socketio/parser.hpp"
#include "socketio/placeholder.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

constexpr bool is_binary(packet_type type) {
  return type == packet_type::binary_event || type == packet_type::binary_ack;
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Removes the number at the start of `text`; nullopt if it does not fit in 64 bits.
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

/// Whether each placeholder in `value` refers to one of `count` attachments. The recursion is limited by
/// max_json_depth.
bool placeholders_valid(const json::value& value, std::size_t count) {
  const auto valid = [count](const json::value& v) { return placeholders_valid(v, count); };
  if (const auto* array = value.if_array()) return std::ranges::all_of(*array, valid);
  const auto* object = value.if_object();
  if (!object) return true;
  if (is_placeholder(*object)) {
    const auto index = placeholder_index(*object);
    return index && *index < count;
  }
  return std::ranges::all_of(*object, [&valid](const auto& member) { return valid(member.value()); });
}

/// The text of a packet up to its data.
std::string packet_prefix(packet_type type, std::string_view nsp,
                          std::optional<std::uint64_t> id = std::nullopt, std::size_t attachments = 0) {
  std::string out;
  out.push_back(static_cast<char>('0' + static_cast<int>(type)));
  if (is_binary(type)) out.append(std::to_string(attachments)).push_back('-');
  if (nsp != "/") out.append(nsp).push_back(',');
  if (id) out.append(std::to_string(*id));
  return out;
}

/// Appends the elements of a JSON array, without its brackets.
void write_elements(std::string& out, const json::array& values) {
  bool first = true;
  for (const auto& value : values) {
    if (!std::exchange(first, false)) out.push_back(',');
    write_json(out, value);
  }
}

encoded_packet make_packet(std::string text, const std::vector<shared_bytes>& attachments = {}) {
  encoded_packet packet;
  packet.reserve(1 + attachments.size());
  packet.push_back(message::text(std::move(text)));
  for (const auto& bytes : attachments) packet.push_back({bytes, true});
  return packet;
}

class json_decoder final : public decoder {
 public:
  explicit json_decoder(const options& limits) : limits_(limits) {}

  result<std::optional<packet>> feed(const incoming_message& m) override {
    return m.binary ? take_attachment(m) : take_text(m);
  }
  [[nodiscard]] const packet* incomplete() const override { return header_ ? &header_->content : nullptr; }

 private:
  result<std::optional<packet>> take_text(const incoming_message& m);
  result<std::optional<packet>> take_attachment(const incoming_message& m);

  const options& limits_;
  std::optional<packet_header> header_;  ///< of the packet whose attachments are incomplete
  std::size_t attached_bytes_ = 0;
};

result<std::optional<packet>> json_decoder::take_text(const incoming_message& m) {
  if (header_) return failure(error::unexpected_text);
  auto parsed = parse_packet(m.content, limits_);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->attachments == 0) return std::move(parsed->content);
  header_ = std::move(*parsed);
  attached_bytes_ = 0;
  return std::nullopt;
}

result<std::optional<packet>> json_decoder::take_attachment(const incoming_message& m) {
  if (!header_) return failure(error::unexpected_binary);
  attached_bytes_ += m.content.size();
  if (attached_bytes_ > limits_.max_attachment_bytes) return failure(error::attachments_too_large);
  auto& attachments = header_->content.attachments;
  attachments.push_back(m.to_shared());
  if (attachments.size() < header_->attachments) return std::nullopt;
  packet complete = std::move(header_->content);
  header_.reset();
  return complete;
}

class json_parser_impl final : public parser {
 public:
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const options& limits) const override {
    return std::make_unique<json_decoder>(limits);
  }

  [[nodiscard]] encoded_packet encode_event(const outgoing_event& event) const override {
    const auto& args = event.args;
    require_encodable(args);
    const auto type = args.attachments.empty() ? packet_type::event : packet_type::binary_event;
    std::string text = packet_prefix(type, event.nsp, event.id, args.attachments.size());
    text.push_back('[');
    write_json(text, event.name);
    if (!args.values.empty()) text.push_back(',');
    write_elements(text, args.values);
    if (!event.offset.empty()) {
      text.push_back(',');
      write_json(text, event.offset);
    }
    text.push_back(']');
    return make_packet(std::move(text), args.attachments);
  }

  [[nodiscard]] encoded_packet encode_ack(std::string_view nsp, std::uint64_t id,
                                          const arguments& answer) const override {
    require_encodable(answer);
    const auto type = answer.attachments.empty() ? packet_type::ack : packet_type::binary_ack;
    std::string text = packet_prefix(type, nsp, id, answer.attachments.size());
    text.push_back('[');
    write_elements(text, answer.values);
    text.push_back(']');
    return make_packet(std::move(text), answer.attachments);
  }

  [[nodiscard]] encoded_packet encode_connect(std::string_view nsp, std::string_view sid,
                                              std::string_view pid) const override {
    std::string text = packet_prefix(packet_type::connect, nsp);
    text.append(R"({"sid":)");
    write_json(text, sid);
    if (!pid.empty()) {
      text.append(R"(,"pid":)");
      write_json(text, pid);
    }
    text.push_back('}');
    return make_packet(std::move(text));
  }

  [[nodiscard]] encoded_packet encode_connect_error(std::string_view nsp, std::string_view message,
                                                    const json::value* data) const override {
    std::string text = packet_prefix(packet_type::connect_error, nsp);
    text.append(R"({"message":)");
    write_json(text, message);
    if (data) {
      text.append(R"(,"data":)");
      write_json(text, *data);
    }
    text.push_back('}');
    return make_packet(std::move(text));
  }

  [[nodiscard]] encoded_packet encode_disconnect(std::string_view nsp) const override {
    return make_packet(packet_prefix(packet_type::disconnect, nsp));
  }
};

}  // namespace

result<packet_header> parse_packet(std::string_view text, const options& limits) {
  if (text.empty()) return failure(error::empty_packet);
  if (text.front() < '0' || text.front() > '6') return failure(error::unknown_type);
  packet_header parsed;
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
    if (!p.id) return failure(error::bad_id);
  }

  const bool has_data = !text.empty();
  if (has_data) {
    auto data = parse_json(text, {.depth = limits.max_json_depth,
                                  .values = limits.max_values,
                                  .object_members = limits.max_object_members});
    if (!data) return std::unexpected(data.error());
    p.data = std::move(*data);
  }
  if (const auto wrong = validate(p, has_data, limits)) return std::unexpected(wrong);
  if (is_binary(p.type) && !placeholders_valid(p.data, parsed.attachments))
    return failure(error::bad_placeholder);
  return parsed;
}

std::shared_ptr<const parser> json_parser() {
  static const auto instance = std::make_shared<const json_parser_impl>();
  return instance;
}

}  // namespace emostream::socketio
