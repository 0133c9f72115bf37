#include "service/payload.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "base/base64.hpp"
#include "vision/image/image.hpp"

namespace emostream::service {

namespace json = boost::json;

namespace {

constexpr std::size_t max_frame_id_size = 128;
constexpr std::size_t max_room_size = 64;
constexpr std::size_t max_config_keys = 64;
constexpr int max_faces_limit = 100;
constexpr double max_timestamp = 1e15;  ///< large enough for milliseconds; the value is only echoed

/// All actions, by the name that clients see.
struct action_entry {
  service::action action;
  std::string_view name;
  bool is_control;  ///< a client may send it in `control`
};
constexpr std::array action_table{
    action_entry{action::start, "start", true},
    action_entry{action::stop, "stop", true},
    action_entry{action::configure, "configure", true},
    action_entry{action::join_room, "join_room", false},
    action_entry{action::leave_room, "leave_room", false},
    action_entry{action::pace, "pace", false},
};

/// The keys of a config whose values are true or false.
struct switch_entry {
  std::string_view key;
  std::optional<bool> config_change::*member;
};
constexpr std::array switch_table{
    switch_entry{"smoothing", &config_change::smoothing},
    switch_entry{"raw_emotions", &config_change::raw_emotions},
    switch_entry{"mesh", &config_change::mesh},
    switch_entry{"eyes", &config_change::eyes},
    switch_entry{"upright", &config_change::upright},
};

/// The actions of `control` as a list for error messages: "start", "stop" or "configure".
std::string control_actions() {
  std::vector<std::string_view> names;
  for (const action_entry& entry : action_table)
    if (entry.is_control) names.push_back(entry.name);
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 < names.size() ? ", " : " or ";
    list += '"' + std::string(names[i]) + '"';
  }
  return list;
}

std::unexpected<request_error> invalid(std::string_view field, std::string_view expectation) {
  std::string message(field);
  message += ' ';
  message += expectation;
  return std::unexpected(request_error{400, reason::invalid_payload, std::move(message)});
}

/// Returns the member of that name, or nullptr if it is absent or null.
const json::value* member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

/// Returns the number if it is in [low, high]. Boost.JSON parses numbers that are too large as infinity.
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

/// Quotes text from a client for use in a message: truncated, and with ? for quotes, control and non-ASCII
/// characters.
std::string quoted(std::string_view text) {
  constexpr std::size_t max_size = 40;
  std::string out = "\"";
  for (const char c : text.substr(0, max_size)) out += c >= 0x20 && c < 0x7f && c != '"' ? c : '?';
  return out + (text.size() > max_size ? "…\"" : "\"");
}

or_error<config_change> parse_config(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return invalid("config", "must be an object");
  if (object->size() > max_config_keys) return invalid("config", "has too many keys");

  config_change change;
  for (const auto& [key, v] : *object) {
    if (v.is_null()) continue;
    if (key == "min_confidence") {
      change.min_confidence = number_within(v, 0, 1);
      if (!change.min_confidence) return invalid("config.min_confidence", "must be a number from 0 to 1");
    } else if (key == "max_faces") {
      change.max_faces = integer_within(v, 0, max_faces_limit);
      if (!change.max_faces) return invalid("config.max_faces", "must be an integer from 0 (all) to 100");
    } else if (const auto* found = std::ranges::find(switch_table, std::string_view(key), &switch_entry::key);
               found != switch_table.end()) {
      if (!v.is_bool()) return invalid("config." + std::string(key), "must be true or false");
      change.*found->member = v.get_bool();
    } else {
      change.ignored.emplace_back(key);
    }
  }
  return change;
}

/// Parses the `config` of a payload. Returns no change if it is absent.
or_error<config_change> parse_config_of(const json::object& payload) {
  const json::value* config = member(payload, "config");
  return config ? parse_config(*config) : config_change{};
}

or_error<std::string> parse_room_name(const json::value* value) {
  const json::string* name = value ? value->if_string() : nullptr;
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  if (!name || name->empty() || name->size() > max_room_size || !std::ranges::all_of(*name, printable))
    return invalid("room", "must be a string of 1 to 64 bytes without control characters");
  return std::string(*name);
}

/// Returns the payload as an object: an empty one if it is null, nullptr if it has another type.
const json::object* object_or_empty(const json::value& payload) {
  static const json::object empty;
  return payload.is_null() ? &empty : payload.if_object();
}

bool is_resolution(const json::value& value) {
  const json::array* sides = value.if_array();
  return sides && sides->size() == 2 && std::ranges::all_of(*sides, [](const json::value& v) {
           return integer_within(v, 1, 65535).has_value();
         });
}

/// Returns false if the image file in `text` certainly exceeds the limit; the decoder checks the exact size.
/// Allows for line breaks after every 64 characters.
bool may_fit(std::string_view text, std::size_t max_bytes) {
  const std::size_t max_base64 = (max_bytes + 2) / 3 * 4;
  const std::size_t max_text = max_base64 + max_base64 / 64 * 2 + 2;
  return text.size() <= max_text + (pipeline::is_data_url(text) ? pipeline::max_data_url_head : 0);
}

std::unexpected<request_error> no_image_data() {
  return std::unexpected(
      request_error{500, reason::no_image_data, "Error processing frame: No image data provided"});
}

std::unexpected<request_error> too_large(const vision::image_limits& limits) {
  return std::unexpected(to_request_error(vision::image_error::too_large, limits));
}

or_error<pipeline::encoded_image> take_image(json::value* data, const socketio::arguments& args,
                                             const vision::image_limits& limits) {
  if (!data || data->is_null()) return no_image_data();
  if (json::string* text = data->if_string()) {
    if (text->empty()) return no_image_data();
    if (!may_fit(*text, limits.max_bytes)) return too_large(limits);
    const auto owner = std::make_shared<const json::string>(std::move(*text));
    return pipeline::encoded_image{.owner = owner, .content = *owner, .is_text = true};
  }
  if (const shared_bytes bytes = args.attachment(*data)) {
    if (bytes->empty()) return no_image_data();
    const bool is_text = pipeline::is_image_text(*bytes);
    const bool fits = is_text ? may_fit(*bytes, limits.max_bytes) : bytes->size() <= limits.max_bytes;
    if (!fits) return too_large(limits);
    return pipeline::encoded_image{.owner = bytes, .content = *bytes, .is_text = is_text};
  }
  return invalid("data", "must be base64 text, a data URL or binary");
}

}  // namespace

void config_change::apply_to(session_config& config) const {
  if (min_confidence) config.min_confidence = std::max(*min_confidence, lowest_min_confidence);
  config.max_faces = max_faces.value_or(config.max_faces);
  config.smoothing = smoothing.value_or(config.smoothing);
  config.raw_emotions = raw_emotions.value_or(config.raw_emotions);
  config.mesh = mesh.value_or(config.mesh);
  config.eyes = eyes.value_or(config.eyes);
  config.upright = upright.value_or(config.upright);
}

std::string_view to_string(action a) {
  const auto found = std::ranges::find(action_table, a, &action_entry::action);
  return found == action_table.end() ? "unknown" : found->name;
}

std::string_view to_string(role r) {
  return r == role::publisher ? "publisher" : "viewer";
}

or_error<initialize_request> parse_initialize(const json::value& payload) {
  const json::object* object = object_or_empty(payload);
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

or_error<control_request> parse_control(const json::value& payload) {
  const json::object* object = payload.if_object();
  if (!object) return invalid("control", "takes an object");
  const json::value* name = member(*object, "action");
  if (!name || !name->is_string()) return invalid("action", "must be " + control_actions());

  control_request request{};
  const auto found = std::ranges::find_if(action_table, [&](const action_entry& entry) {
    return entry.is_control && entry.name == name->get_string();
  });
  if (found == action_table.end())
    return std::unexpected(
        request_error{400, reason::unknown_action, "Unknown action: " + quoted(name->get_string())});
  request.action = found->action;

  if (request.action == action::configure && !member(*object, "config"))
    return invalid("config", "must be an object to configure");
  auto config = parse_config_of(*object);
  if (!config) return std::unexpected(std::move(config).error());
  request.config = std::move(*config);
  return request;
}

or_error<room_request> parse_join_room(const json::value& payload) {
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

or_error<std::string> parse_leave_room(const json::value& payload) {
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

or_error<frame_request> parse_video_frame(socketio::arguments& args, const vision::image_limits& limits) {
  if (args.values.empty() || args.values.front().is_null()) return no_image_data();
  frame_request request;
  json::value* data = &args.values.front();  // the image itself, if it was sent as bytes without an object
  if (!args.attachment(*data)) {
    json::object* object = data->if_object();
    if (!object)
      return invalid("video_frame", "takes an object such as { frame_id, data }, or an image as bytes");
    // The presence of an image is checked before `timestamp`, so that a frame without an image gets the same
    // error whatever it contains.
    if (member(*object, "frame_id") && !frame_id_of(*data))
      return invalid("frame_id", "must be a string of at most 128 bytes or a number");
    data = object->if_contains("data");
    if (!data || data->is_null()) return no_image_data();
    if (const json::value* timestamp = member(*object, "timestamp")) {
      request.timestamp = number_within(*timestamp, 0, max_timestamp);
      if (!request.timestamp) return invalid("timestamp", "must be a number of seconds since 1970");
    }
    const json::value* resolution = member(*object, "resolution");
    request.has_odd_resolution = resolution && !is_resolution(*resolution);
  }
  auto image = take_image(data, args, limits);
  if (!image) return std::unexpected(std::move(image).error());
  request.image = std::move(*image);
  return request;
}

}  // namespace emostream::service
