#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "service/payload.hpp"
#include "service/request_error.hpp"
#include "service/service_options.hpp"
#include "service/smoothing.hpp"
#include "vision/face.hpp"
#include "vision/models/model_info.hpp"

namespace emostream::service {

// The JSON of the events that the server sends. Field names are part of the public API. Measured values are
// rounded to a meaningful precision; one that is not finite is sent as 0, because JSON cannot represent it.

/// Sent in `initialized`, `detection_result` and responses to POST /api/v1/analyze. Incremented by changes
/// that break clients.
inline constexpr int protocol_version = 1;

boost::json::object to_json(const session_config& config);
boost::json::object to_json(const service_options& limits);

/// `error_message`.
boost::json::object error_message(const request_error& error, wall_clock::time_point now,
                                  const std::optional<boost::json::value>& frame_id);

struct initialized_message {
  std::string_view session_id;
  std::string_view user_id;
  wall_clock::time_point now;
  const session_config& config;
  const service_options& limits;
  const vision::model_info& model;
  std::optional<std::string> room;
  const std::vector<std::string>& ignored;  ///< unknown keys of the client's config
};
boost::json::object to_json(const initialized_message& m);

struct status_message {
  bool processing = false;
  service::action action = action::start;
  int target_fps = 0;
  wall_clock::time_point now;
  std::optional<std::string> room = {};
  std::optional<service::role> role = {};
  const session_config* config = nullptr;             ///< set if the action may have changed it
  const std::vector<std::string>* ignored = nullptr;  ///< unknown keys of the client's config
};
boost::json::object to_json(const status_message& m);

/// The fields of a face that a client has to ask for.
struct face_fields {
  bool raw_emotions = false;
  bool mesh = false;
  bool eyes = false;
};

/// The result of a single image, as the `analyze` command prints it: the fields of `detection_result` about
/// the image and its analysis. Faces are numbered from 1; nothing is smoothed, so `fields.raw_emotions` has
/// no effect.
boost::json::object to_json(const vision::analysis& analysis, const vision::model_info& model,
                            const face_fields& fields = {});

/// The response to POST /api/v1/analyze.
struct image_result {
  std::string_view user_id;
  wall_clock::time_point processed_at;
  double latency_ms = 0;  ///< from the arrival of the complete request
  double queue_ms = 0;
  const vision::analysis& analysis;
  const vision::model_info& model;
  face_fields fields = {};
};
boost::json::object to_json(const image_result& m);

/// A face of a `detection_result`.
struct face_report {
  std::uint64_t id = 0;
  const vision::face* face = nullptr;
  std::optional<service::expression> expression = {};  ///< absent if the face was not classified
  face_fields fields = {};
};

struct result_message {
  std::string_view session_id;
  std::string_view user_id;
  std::optional<std::string> room;
  const boost::json::value& frame_id;
  std::uint64_t seq = 0;
  double timestamp = 0;  ///< s since the epoch: the client's, or when the frame arrived
  wall_clock::time_point processed_at;
  double latency_ms = 0;  ///< from the frame's arrival
  double queue_ms = 0;
  std::uint64_t dropped_since_last = 0;
  const vision::analysis& analysis;
  const std::vector<face_report>& faces;
  const vision::model_info& model;
};
/// `detection_result`.
boost::json::object to_json(const result_message& m);

}  // namespace emostream::service
