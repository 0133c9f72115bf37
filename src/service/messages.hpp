#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "service/options.hpp"
#include "service/payload.hpp"
#include "service/problem.hpp"
#include "service/smoothing.hpp"
#include "vision/analyzer.hpp"

namespace emostream::service {

// What the server sends, as JSON: the words of the wire contract are in this file and in problem.hpp. Numbers
// are rounded to what they are worth; one that is not finite is sent as 0, since JSON has no other.

/// Of `initialized` and of `detection_result`: changes when a client must change.
inline constexpr int protocol_version = 1;

boost::json::object to_json(const session_config& config);
boost::json::object to_json(const options& limits);

/// `error_message`.
boost::json::object error_message(const problem& what, wall_clock::time_point now,
                                  const std::optional<boost::json::value>& frame_id);

struct initialized_message {
  std::string_view session_id;
  std::string_view user_id;
  wall_clock::time_point now;
  const session_config& config;
  const options& limits;
  const model_info& model;
  std::optional<std::string> room;
  const std::vector<std::string>& ignored;  ///< keys of the client's config
};
boost::json::object to_json(const initialized_message& m);

struct status_message {
  bool processing = false;
  std::string_view action;
  int target_fps = 0;
  wall_clock::time_point now;
  std::optional<std::string> room = {};
  std::optional<service::role> role = {};
  const session_config* config = nullptr;             ///< if the action may have changed it
  const std::vector<std::string>* ignored = nullptr;  ///< keys of the client's config
};
boost::json::object to_json(const status_message& m);

/// What there is to say of an image alone, as the `analyze` command prints it: what detection_result says,
/// without whose frame it was. Faces are numbered from 1; nothing is smoothed.
boost::json::object to_json(const vision::analysis& analysis, const model_info& model);

/// The answer to an image that came alone, by HTTP.
struct image_result {
  std::string_view user_id;
  wall_clock::time_point processed_at;
  double latency_ms = 0;  ///< from its arrival
  double queue_ms = 0;
  const vision::analysis& analysis;
  const model_info& model;
};
boost::json::object to_json(const image_result& m);

/// A face of a detection_result.
struct face_report {
  std::uint64_t id = 0;
  const vision::face* seen = nullptr;
  std::optional<expression> shown = {};  ///< if it was classified
  bool with_raw = false;
};

struct result_message {
  std::string_view session_id;
  std::string_view user_id;
  std::optional<std::string> room;
  const boost::json::value& frame_id;
  std::uint64_t seq = 0;
  double timestamp = 0;  ///< s since the epoch, as the client said
  wall_clock::time_point processed_at;
  double latency_ms = 0;  ///< from the frame's arrival
  double queue_ms = 0;
  std::uint64_t dropped_since_last = 0;
  const vision::analysis& analysis;
  const std::vector<face_report>& faces;
  const model_info& model;
};
/// `detection_result`.
boost::json::object to_json(const result_message& m);

}  // namespace emostream::service
