#include "socketio/packet.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "socketio/error.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

constexpr bool must_have_id(packet_type type) {
  return type == packet_type::ack || type == packet_type::binary_ack;
}

constexpr bool may_have_id(packet_type type) {
  return must_have_id(type) || type == packet_type::event || type == packet_type::binary_event;
}

/// True for names that neither side may send: the events of Socket.IO itself and of Node.js's EventEmitter.
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

/// The size of an event's name; numbers are short.
std::size_t name_size(const json::value& event) {
  const json::value& name = event.get_array().front();
  return name.is_string() ? name.get_string().size() : 0;
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

}  // namespace

std::error_code validate(const packet& p, bool has_data, const options& limits) {
  if (p.nsp.size() > limits.max_name_bytes) return error::name_too_long;
  if (p.id ? *p.id > max_packet_id || !may_have_id(p.type) : must_have_id(p.type)) return error::bad_id;
  if (!is_allowed(p.type, p.data, has_data)) return error::bad_payload;
  const bool event = p.type == packet_type::event || p.type == packet_type::binary_event;
  if (event && name_size(p.data) > limits.max_name_bytes) return error::name_too_long;
  return {};
}

void require_emittable(std::string_view event) {
  if (is_reserved(event))
    throw std::invalid_argument("the event name " + std::string(event) + " is reserved");
}

void require_encodable(const arguments& outgoing) {
  if (outgoing.attachments.size() > max_encoded_attachments)
    throw std::invalid_argument("an event or acknowledgement has more than " +
                                std::to_string(max_encoded_attachments) + " attachments");
}

}  // namespace emostream::socketio
