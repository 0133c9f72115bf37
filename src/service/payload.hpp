#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "pipeline/encoded_image.hpp"
#include "service/request_error.hpp"
#include "socketio/event.hpp"

namespace emostream::service {

// Parsing and validation of the payloads that clients send. Each parse function returns either a complete
// request or an error that says what is invalid, so that nothing is applied partially. `null` in an optional
// field means that the field is absent, because Python clients send None for absent values.

/// Lower requested values are raised to this, because below it the detector reports faces everywhere.
inline constexpr double lowest_min_confidence = 0.05;

/// The configuration of a session.
struct session_config {
  double min_confidence = 0.5;  ///< for a face to be reported, lowest_min_confidence..1
  int max_faces = 0;            ///< per frame, the largest first, 0..100; 0: all
  bool smoothing = true;        ///< smooth the emotions of a face over time
  bool raw_emotions = false;    ///< also send the probabilities before smoothing
  bool mesh = false;            ///< also send the 468 points of each face
  bool eyes = false;            ///< also measure how far the eyes are open and where they look
  bool upright = true;          ///< turn images as their EXIF orientation says
};

/// The changes to a session_config that a client requests.
struct config_change {
  std::optional<double> min_confidence;
  std::optional<int> max_faces;
  std::optional<bool> smoothing;
  std::optional<bool> raw_emotions;
  std::optional<bool> mesh;
  std::optional<bool> eyes;
  std::optional<bool> upright;
  /// Unknown keys. They are reported, not rejected, because early clients of this service send some.
  std::vector<std::string> ignored;

  void apply_to(session_config& config) const;
};

struct initialize_request {
  config_change config;
  std::optional<std::string> room;
};

/// The values of `action` in `control` and `status`.
enum class action { start, stop, configure, join_room, leave_room, pace };
std::string_view to_string(action a);

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
  std::optional<double> timestamp;  ///< s since the epoch, set by the client; echoed in the result
  bool has_odd_resolution = false;  ///< `resolution`, which is not used, is not [width, height]
  pipeline::encoded_image image;
};

or_error<initialize_request> parse_initialize(const boost::json::value& payload);
or_error<control_request> parse_control(const boost::json::value& payload);
or_error<room_request> parse_join_room(const boost::json::value& payload);
or_error<std::string> parse_leave_room(const boost::json::value& payload);

/// Returns the frame's id if the payload has a valid one: a string of at most 128 bytes, or a number.
std::optional<boost::json::value> frame_id_of(const boost::json::value& payload);
/// Moves the image out of `args` without copying it. The first argument is an object or an attachment, which
/// is then the image. `limits.max_bytes` limits the image file, not its base64.
or_error<frame_request> parse_video_frame(socketio::arguments& args, const vision::image_limits& limits);

}  // namespace emostream::service
