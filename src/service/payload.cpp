#include "service/payload.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/base64.hpp"

namespace emostream::service {

namespace json = boost::json;

namespace {

constexpr std::size_t max_frame_id_size = 128;
constexpr std::size_t max_room_size = 64;
constexpr std::size_t max_keys = 64;  ///< of a config; more is no configuration
constexpr int max_faces_limit = 100;
constexpr double max_timestamp = 1e15;  ///< lets clients send milliseconds; they get back what they sent

std::unexpected<problem> invalid(std::string_view field, std::string_view wanted) {
  std::string message(field);
  message += ' ';
  message += wanted;
  return std::unexpected(problem{400, reason::invalid_payload, std::move(message)});
}

/// The member of that name, or nullptr if it is absent or null.
const json::value* member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

/// A number in [low, high]. Boost.JSON reads what is too large for it as infinity.
std::optional<double> number_within(const json::value& value, double low, double high) {
  json::error_code ec;
  const double number = value.to_number<double>(ec);
  if (ec || !std::isfinite(number) || number < low || number > high) return std::nullopt;
  return number;
}

std::optional<int> integer_within(const json::value& value, int low, int high) {
  const auto number = number_within(value, low, high);
  if (!number || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<int>(*number);
}

/// Client text that goes into a message or a log: short, and printable.
std::string quoted(std::string_view text) {
  constexpr std::size_t enough = 40;
  std::string out = "\"";
  for (const char c : text.substr(0, enough)) out += c >= 0x20 && c < 0x7f && c != '"' ? c : '?';
  return out + (text.size() > enough ? "…\"" : "\"");
}

expected<config_change> parse_config(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return invalid("config", "must be an object");
  if (object->size() > max_keys) return invalid("config", "has too many keys");

  config_change change;
  for (const auto& [key, v] : *object) {
    if (v.is_null()) continue;
    if (key == "min_confidence") {
      change.min_confidence = number_within(v, 0, 1);
      if (!change.min_confidence) return invalid("config.min_confidence", "must be a number from 0 to 1");
    } else if (key == "max_faces") {
      change.max_faces = integer_within(v, 0, max_faces_limit);
      if (!change.max_faces) return invalid("config.max_faces", "must be an integer from 0 (all) to 100");
    } else if (key == "smoothing") {
      if (!v.is_bool()) return invalid("config.smoothing", "must be true or false");
      change.smoothing = v.get_bool();
    } else if (key == "raw_emotions") {
      if (!v.is_bool()) return invalid("config.raw_emotions", "must be true or false");
      change.raw_emotions = v.get_bool();
    } else {
      change.ignored.emplace_back(key);
    }
  }
  return change;
}

/// The `config` of a payload; no change if it has none.
expected<config_change> parse_config_of(const json::object& payload) {
  const json::value* config = member(payload, "config");
  return config ? parse_config(*config) : config_change{};
}

expected<std::string> parse_room_name(const json::value* value) {
  const json::string* name = value ? value->if_string() : nullptr;
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  if (!name || name->empty() || name->size() > max_room_size || !std::ranges::all_of(*name, printable))
    return invalid("room", "must be a text of 1 to 64 bytes without control characters");
  return std::string(*name);
}

/// What a payload that may be left out altogether says: {} then.
const json::object* object_or_none(const json::value& payload) {
  static const json::object none;
  return payload.is_null() ? &none : payload.if_object();
}

bool is_resolution(const json::value& value) {
  const json::array* sides = value.if_array();
  return sides && sides->size() == 2 && std::ranges::all_of(*sides, [](const json::value& v) {
           return integer_within(v, 1, 65535).has_value();
         });
}

/// What may come before the base64 of a data URL; the pipeline has the last word on its form.
constexpr std::size_t data_url_head = 256;

/// Whether the image can be within the limit, which the decoder knows exactly: lines may be broken after 64
/// bytes.
bool fits(std::string_view text, std::size_t max_bytes) {
  const std::size_t one_line = (max_bytes + 2) / 3 * 4;
  const std::size_t max_text = one_line + one_line / 64 * 2 + 2;
  return text.size() <= max_text + (text.starts_with("data:") ? data_url_head : 0);
}

std::unexpected<problem> no_image_data() {
  return std::unexpected(
      problem{500, reason::no_image_data, "Error processing frame: No image data provided"});
}

std::unexpected<problem> too_large(std::size_t max_bytes) {
  return std::unexpected(
      problem{413, reason::frame_too_large,
              "Frame is too large: at most " + std::to_string(max_bytes) + " bytes are taken"});
}

expected<pipeline::encoded_image> take_image(json::value* data, const socketio::arguments& args,
                                             std::size_t max_bytes) {
  if (!data || data->is_null()) return no_image_data();
  if (json::string* text = data->if_string()) {
    if (text->empty()) return no_image_data();
    if (!fits(*text, max_bytes)) return too_large(max_bytes);
    const auto owner = std::make_shared<const json::string>(std::move(*text));
    return pipeline::encoded_image{.owner = owner, .content = *owner, .text = true};
  }
  if (const shared_bytes bytes = args.attachment(*data)) {
    if (bytes->empty()) return no_image_data();
    if (bytes->size() > max_bytes) return too_large(max_bytes);
    return pipeline::encoded_image{.owner = bytes, .content = *bytes, .text = false};
  }
  return invalid("data", "must be base64 text, a data URL or binary");
}

}  // namespace

void config_change::apply_to(session_config& config) const {
  if (min_confidence) config.min_confidence = std::max(*min_confidence, least_confidence);
  config.max_faces = max_faces.value_or(config.max_faces);
  config.smoothing = smoothing.value_or(config.smoothing);
  config.raw_emotions = raw_emotions.value_or(config.raw_emotions);
}

std::string_view to_string(role r) {
  return r == role::publisher ? "publisher" : "viewer";
}

expected<initialize_request> parse_initialize(const json::value& payload) {
  const json::object* object = object_or_none(payload);
  if (!object) return invalid("initialize", "takes an object");
  auto config = parse_config_of(*object);
  if (!config) return std::unexpected(std::move(config).error());
  initialize_request request{.config = std::move(*config), .room = {}};
  if (const json::value* room = member(*object, "room")) {
    auto name = parse_room_name(room);
    if (!name) return std::unexpected(std::move(name).error());
    request.room = std::move(*name);
  }
  return request;
}

expected<control_request> parse_control(const json::value& payload) {
  const json::object* object = payload.if_object();
  if (!object) return invalid("control", "takes an object");
  const json::value* name = member(*object, "action");
  if (!name || !name->is_string()) return invalid("action", "must be \"start\", \"stop\" or \"configure\"");

  control_request request{};
  if (const json::string& word = name->get_string(); word == "start")
    request.action = action::start;
  else if (word == "stop")
    request.action = action::stop;
  else if (word == "configure")
    request.action = action::configure;
  else
    return std::unexpected(problem{400, reason::unknown_action, "Unknown action: " + quoted(word)});

  if (request.action == action::configure && !member(*object, "config"))
    return invalid("config", "must be an object to configure");
  auto config = parse_config_of(*object);
  if (!config) return std::unexpected(std::move(config).error());
  request.config = std::move(*config);
  return request;
}

expected<room_request> parse_join_room(const json::value& payload) {
  const json::object* object = payload.if_object();
  auto name = parse_room_name(object ? member(*object, "room") : &payload);
  if (!name) return std::unexpected(std::move(name).error());
  room_request request{.room = std::move(*name)};
  if (const json::value* role = object ? member(*object, "role") : nullptr) {
    if (*role == "viewer")
      request.role = role::viewer;
    else if (*role != "publisher")
      return invalid("role", "must be \"publisher\" or \"viewer\"");
  }
  return request;
}

expected<std::string> parse_leave_room(const json::value& payload) {
  const json::object* object = payload.if_object();
  return parse_room_name(object ? member(*object, "room") : &payload);
}

std::optional<json::value> frame_id_of(const json::value& payload) {
  const json::object* object = payload.if_object();
  const json::value* id = object ? member(*object, "frame_id") : nullptr;
  if (!id) return std::nullopt;
  if (const json::string* text = id->if_string(); text && text->size() <= max_frame_id_size) return *id;
  if (number_within(*id, -1e300, 1e300)) return *id;
  return std::nullopt;
}

expected<frame_request> parse_video_frame(socketio::arguments& args, std::size_t max_bytes) {
  if (args.values.empty() || args.values.front().is_null()) return no_image_data();
  json::object* object = args.values.front().if_object();
  if (!object) return invalid("video_frame", "takes an object");

  // What says whose frame it is comes first, then the image: a frame without one has this one error in every
  // client.
  if (member(*object, "frame_id") && !frame_id_of(args.values.front()))
    return invalid("frame_id", "must be a text of at most 128 bytes or a number");
  frame_request request;
  json::value* data = object->if_contains("data");
  if (!data || data->is_null()) return no_image_data();
  if (const json::value* timestamp = member(*object, "timestamp")) {
    request.timestamp = number_within(*timestamp, 0, max_timestamp);
    if (!request.timestamp) return invalid("timestamp", "must be a number of seconds since 1970");
  }
  if (const json::value* resolution = member(*object, "resolution");
      resolution && !is_resolution(*resolution))
    return invalid("resolution", "must be [width, height] in pixels");

  auto image = take_image(data, args, max_bytes);
  if (!image) return std::unexpected(std::move(image).error());
  request.image = std::move(*image);
  return request;
}

}  // namespace emostream::service
