#include <cstddef>
#include <string>
#include <utility>

#include "socketio/error.hpp"
#include "socketio/msgpack.hpp"
#include "socketio/parser.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

/// The packet type; nullopt if it is unknown or a binary type, since those are only used with JSON.
std::optional<packet_type> to_packet_type(const json::value& v) {
  const auto* digit = v.if_int64();
  if (!digit || *digit < 0 || *digit > static_cast<int>(packet_type::connect_error)) return std::nullopt;
  return static_cast<packet_type>(*digit);
}

class msgpack_decoder final : public decoder {
 public:
  explicit msgpack_decoder(const options& limits) : limits_(limits) {}

  result<std::optional<packet>> feed(const incoming_message& m) override {
    if (!m.binary) return failure(error::unexpected_text);
    if (m.content.empty()) return failure(error::empty_packet);
    msgpack_reader in(m.content, limits_);
    members found;
    const auto size = in.map_size();
    for (std::size_t i = 0; size && i < *size; ++i)
      if (!read_member(in, found)) return std::unexpected(in.error() ? in.error() : error::bad_msgpack);
    if (in.error()) return std::unexpected(in.error());
    if (!in.done()) return failure(error::bad_msgpack);
    return to_packet(std::move(found), std::move(in.attachments()), limits_);
  }

 private:
  /// The members of an encoded packet; nullopt if absent, undefined or null.
  struct members {
    std::optional<json::value> type, data, nsp, id;
  };

  /// Returns false if the member is malformed or was set before.
  static bool read_member(msgpack_reader& in, members& found) {
    const auto name = in.key();
    if (!name) return false;
    std::optional<json::value>* const member = *name == "type"   ? &found.type
                                               : *name == "data" ? &found.data
                                               : *name == "nsp"  ? &found.nsp
                                               : *name == "id"   ? &found.id
                                                                 : nullptr;
    const std::size_t attachments = in.attachments().size();
    auto value = in.value();
    if (in.error() || (member && *member)) return false;
    if (!member)
      in.attachments().resize(attachments);  // discards those of unknown members, such as `options`
    else if (value && !value->is_null())
      *member = std::move(value);
    return true;
  }

  static result<std::optional<packet>> to_packet(members found, std::vector<shared_bytes> attachments,
                                                 const options& limits) {
    packet p;
    const auto type = found.type ? to_packet_type(*found.type) : std::nullopt;
    if (!type) return failure(error::unknown_type);
    p.type = *type;

    const auto* nsp = found.nsp ? found.nsp->if_string() : nullptr;
    if (!nsp || !nsp->starts_with('/')) return failure(error::bad_payload);
    p.nsp = std::string_view(*nsp).substr(0, nsp->find('?'));

    if (found.id) {
      const auto* id = found.id->if_int64();
      if (!id || *id < 0) return failure(error::bad_id);
      p.id = static_cast<std::uint64_t>(*id);
    }
    if (found.data) p.data = std::move(*found.data);
    if (const auto wrong = validate(p, found.data.has_value(), limits)) return std::unexpected(wrong);
    if (!attachments.empty() && !p.data.is_array()) return failure(error::bad_payload);
    p.attachments = std::move(attachments);
    return p;
  }

  const options& limits_;
};

encoded_packet make_packet(std::string bytes) {
  encoded_packet packet;
  packet.push_back(message::bytes(std::move(bytes)));
  return packet;
}

/// The encoded packet up to the value of `data`, if it has any. `members` is the packet's number of members,
/// `size_hint` the expected size of the rest.
std::string packet_prefix(packet_type type, std::string_view nsp, std::size_t members,
                          std::size_t size_hint = 0) {
  std::string out;
  out.reserve(nsp.size() + size_hint + 64);
  write_msgpack_map_header(out, members);
  write_msgpack(out, "type");
  write_msgpack(out, static_cast<std::uint64_t>(type));
  write_msgpack(out, "nsp");
  write_msgpack(out, nsp);
  if (members > 2) write_msgpack(out, "data");
  return out;
}

std::size_t attached_bytes(const arguments& args) {
  std::size_t sum = 0;
  for (const auto& bytes : args.attachments) sum += bytes->size();
  return sum;
}

void write_id(std::string& out, std::uint64_t id) {
  write_msgpack(out, "id");
  write_msgpack(out, id);
}

class msgpack_parser_impl final : public parser {
 public:
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const options& limits) const override {
    return std::make_unique<msgpack_decoder>(limits);
  }

  [[nodiscard]] encoded_packet encode_event(const outgoing_event& event) const override {
    const auto& args = event.args;
    require_encodable(args);
    const bool with_offset = !event.offset.empty();
    std::string out = packet_prefix(packet_type::event, event.nsp, event.id ? 4 : 3, attached_bytes(args));
    write_msgpack_array_header(out, 1 + args.values.size() + (with_offset ? 1 : 0));
    write_msgpack(out, event.name);
    for (const auto& value : args.values) write_msgpack(out, value, args.attachments);
    if (with_offset) write_msgpack(out, event.offset);
    if (event.id) write_id(out, *event.id);
    return make_packet(std::move(out));
  }

  [[nodiscard]] encoded_packet encode_ack(std::string_view nsp, std::uint64_t id,
                                          const arguments& answer) const override {
    require_encodable(answer);
    std::string out = packet_prefix(packet_type::ack, nsp, 4, attached_bytes(answer));
    write_msgpack_array_header(out, answer.values.size());
    for (const auto& value : answer.values) write_msgpack(out, value, answer.attachments);
    write_id(out, id);
    return make_packet(std::move(out));
  }

  [[nodiscard]] encoded_packet encode_connect(std::string_view nsp, std::string_view sid,
                                              std::string_view pid) const override {
    std::string out = packet_prefix(packet_type::connect, nsp, 3);
    write_msgpack_map_header(out, pid.empty() ? 1 : 2);
    write_msgpack(out, "sid");
    write_msgpack(out, sid);
    if (!pid.empty()) {
      write_msgpack(out, "pid");
      write_msgpack(out, pid);
    }
    return make_packet(std::move(out));
  }

  [[nodiscard]] encoded_packet encode_connect_error(std::string_view nsp, std::string_view message,
                                                    const json::value* data) const override {
    std::string out = packet_prefix(packet_type::connect_error, nsp, 3);
    write_msgpack_map_header(out, data ? 2 : 1);
    write_msgpack(out, "message");
    write_msgpack(out, message);
    if (data) {
      write_msgpack(out, "data");
      write_msgpack(out, *data, {});
    }
    return make_packet(std::move(out));
  }

  [[nodiscard]] encoded_packet encode_disconnect(std::string_view nsp) const override {
    return make_packet(packet_prefix(packet_type::disconnect, nsp, 2));
  }
};

}  // namespace

std::shared_ptr<const parser> msgpack_parser() {
  static const auto instance = std::make_shared<const msgpack_parser_impl>();
  return instance;
}

}  // namespace emostream::socketio
