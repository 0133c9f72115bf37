#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "pipeline/encoded_image.hpp"
#include "service/problem.hpp"
#include "socketio/event.hpp"

namespace emostream::service {

// What clients send, checked. Each function refuses what is wrong with a problem that names the field, and
// does so before anything is applied. `null` stands for an optional field that is absent, as Python clients
// send it.

/// With less the detector would see faces everywhere: who asks for it gets this.
inline constexpr double least_confidence = 0.05;

/// What a client may set for its connection.
struct session_config {
  double min_confidence = 0.5;  ///< of a face, least_confidence..1
  int max_faces = 0;            ///< a frame, the largest ones, 0..100; 0: all
  bool smoothing = true;        ///< of the emotions of a face over time
  bool raw_emotions = false;    ///< also send what smoothing started from
};

/// What of the configuration a client wants changed.
struct config_change {
  std::optional<double> min_confidence;
  std::optional<int> max_faces;
  std::optional<bool> smoothing;
  std::optional<bool> raw_emotions;
  /// Keys that mean nothing here. Not an error: clients of the first sketch of this service send some; but
  /// told.
  std::vector<std::string> ignored;

  void apply_to(session_config& config) const;
};

struct initialize_request {
  config_change config;
  std::optional<std::string> room;
};

enum class action { start, stop, configure };
struct control_request {
  service::action action;
  config_change config;
};

enum class role { publisher, viewer };
std::string_view to_string(role r);
struct room_request {
  std::string room;
  service::role role = role::publisher;
};

struct frame_request {
  std::optional<double> timestamp;  ///< s since the epoch, as the client says; echoed
  pipeline::encoded_image image;
};

expected<initialize_request> parse_initialize(const boost::json::value& payload);
expected<control_request> parse_control(const boost::json::value& payload);
expected<room_request> parse_join_room(const boost::json::value& payload);
expected<std::string> parse_leave_room(const boost::json::value& payload);

/// The frame's id if the payload has a good one: a string up to 128 bytes or a number. Otherwise nullopt.
std::optional<boost::json::value> frame_id_of(const boost::json::value& payload);
/// Takes the image out of `args` without copying it. `max_bytes` is of the image, not of its base64.
expected<frame_request> parse_video_frame(socketio::arguments& args, std::size_t max_bytes);

}  // namespace emostream::service
