#include "service/messages.hpp"

#include <cmath>
#include <span>

namespace emostream::service {

namespace json = boost::json;

namespace {

double rounded(double value, double steps_per_unit) {
  return std::isfinite(value) ? std::round(value * steps_per_unit) / steps_per_unit : 0.0;
}
double pixels(double v) {
  return rounded(v, 1e2);
}
double milliseconds_of(double v) {
  return rounded(v, 1e2);
}
double degrees(double v) {
  return rounded(v, 1e1);
}
/// Precise enough that eight rounded probabilities sum to 1 within 1e-4.
double fraction(double v) {
  return rounded(v, 1e5);
}
double seconds_of(wall_clock::time_point t) {
  return rounded(unix_seconds(t), 1e3);
}

json::array strings(const std::vector<std::string>& in) {
  return json::array(in.begin(), in.end());
}

json::object emotions(const std::vector<std::string>& labels, std::span<const float> probabilities) {
  json::object out;
  out.reserve(labels.size());
  for (std::size_t i = 0; i < labels.size() && i < probabilities.size(); ++i)
    out.emplace(labels[i], fraction(probabilities[i]));
  return out;
}

json::array landmarks(const vision::face& face) {
  json::array out;
  if (!face.landmarks) return out;
  out.reserve(face.landmarks->size());
  for (const vision::point& p : *face.landmarks) out.emplace_back(json::array{pixels(p.x), pixels(p.y)});
  return out;
}

json::value pose(const vision::face& face) {
  if (!face.pose) return nullptr;
  return {{"yaw", degrees(face.pose->yaw)},
          {"pitch", degrees(face.pose->pitch)},
          {"roll", degrees(face.pose->roll)}};
}

/// x, y and z of each point in turn. As text it is 6 to 9 kB where a binary attachment would be 5.6 kB, but
/// the result has one form over Socket.IO, in rooms and over HTTP.
json::value mesh(const vision::face& face) {
  if (!face.mesh) return nullptr;
  json::array out;
  out.reserve(3 * face.mesh->size());
  for (const vision::mesh_point& p : *face.mesh)
    for (const float v : {p.x, p.y, p.z}) out.emplace_back(rounded(v, 1e1));
  return out;
}

json::object eye(const vision::eye_state& e) {
  return {{"openness", rounded(e.openness, 1e3)},
          {"gaze", json::array{rounded(e.gaze.x, 1e3), rounded(e.gaze.y, 1e3)}}};
}

json::value eyes(const vision::face& face) {
  if (!face.eyes) return nullptr;
  json::object out{{"left", eye(face.eyes->left)}, {"right", eye(face.eyes->right)}};
  if (face.eyes->blinks) out["blinks"] = *face.eyes->blinks;
  return out;
}

json::object quality(const vision::face_quality& q) {
  json::array flags;
  for (const std::string_view flag : q.flags) flags.emplace_back(flag);
  return {{"blur", rounded(q.blur, 1e1)},
          {"brightness", rounded(q.brightness, 1e3)},
          {"size_px", rounded(q.size_px, 1e1)},
          {"flags", std::move(flags)}};
}

json::object face_content(const face_report& report, const vision::analysis& analysis,
                          const std::vector<std::string>& labels) {
  const vision::face& face = *report.face;
  const vision::rect& box = face.box;
  const double width = analysis.width;
  const double height = analysis.height;
  json::object out{
      {"face_id", report.id},
      {"confidence", fraction(face.confidence)},
      {"box",
       {{"x", pixels(box.x)},
        {"y", pixels(box.y)},
        {"width", pixels(box.width)},
        {"height", pixels(box.height)}}},
      {"box_norm", json::array{fraction(box.x / width), fraction(box.y / height), fraction(box.width / width),
                               fraction(box.height / height)}},
      {"landmarks", landmarks(face)},
      {"pose", pose(face)},
      {"quality", quality(face.quality)},
      {"measured", report.expression.has_value()},
  };
  if (report.fields.mesh) out["mesh"] = mesh(face);
  if (report.fields.eyes) out["eyes"] = eyes(face);
  if (report.expression) {
    out["dominant_emotion"] = labels.at(report.expression->dominant);
    out["emotions"] = emotions(labels, report.expression->reading.probabilities);
    if (report.fields.raw_emotions) out["raw_emotions"] = emotions(labels, face.reading->probabilities);
    out["valence"] = rounded(report.expression->reading.valence, 1e3);
    out["arousal"] = rounded(report.expression->reading.arousal, 1e3);
  } else {
    out["dominant_emotion"] = nullptr;
    out["emotions"] = json::object{};
    out["valence"] = nullptr;
    out["arousal"] = nullptr;
  }
  return out;
}

json::object stage_timing(const vision::stage_times& times) {
  return {{"decode", milliseconds_of(times.decode)},
          {"detect", milliseconds_of(times.detect)},
          {"classify", milliseconds_of(times.classify)}};
}

/// The fields that results of a session and of a single image share.
json::object image_content(const vision::analysis& analysis, const std::vector<face_report>& reports,
                           const vision::model_info& model, json::object timing) {
  json::array faces;
  faces.reserve(reports.size());
  for (const face_report& report : reports) faces.emplace_back(face_content(report, analysis, model.labels));
  return {{"resolution", json::array{analysis.width, analysis.height}},
          {"timing", std::move(timing)},
          {"face_count", reports.size()},
          {"faces", std::move(faces)},
          {"model", {{"detector", model.detector}, {"classifier", model.classifier}}}};
}

}  // namespace

json::object to_json(const session_config& config) {
  return {{"min_confidence", config.min_confidence},
          {"max_faces", config.max_faces},
          {"smoothing", config.smoothing},
          {"raw_emotions", config.raw_emotions},
          {"mesh", config.mesh},
          {"eyes", config.eyes},
          {"upright", config.upright}};
}

json::object to_json(const service_options& limits) {
  return {{"max_frame_bytes", limits.image.max_bytes},
          {"max_pixels", limits.image.max_pixels},
          {"min_side", limits.image.min_side},
          {"max_fps", limits.max_fps},
          {"burst", limits.burst},
          {"max_bad_frames", limits.max_bad_frames},
          {"max_rooms", limits.max_rooms_per_session},
          {"max_connections", limits.account.max_connections},
          {"account_max_fps", limits.account.max_fps},
          {"account_burst", limits.account.burst},
          {"account_max_bytes_per_second", limits.account.max_bytes_per_second},
          {"idle_timeout_s", limits.idle_timeout.count()}};
}

json::object error_message(const request_error& error, wall_clock::time_point now,
                           const std::optional<json::value>& frame_id) {
  json::object out{{"code", error.code},
                   {"message", error.message},
                   {"timestamp", seconds_of(now)},
                   {"reason", error.reason}};
  if (frame_id) out["frame_id"] = *frame_id;
  return out;
}

json::object to_json(const initialized_message& m) {
  json::object out{{"session_id", m.session_id},
                   {"user_id", m.user_id},
                   {"protocol_version", protocol_version},
                   {"server_time", seconds_of(m.now)},
                   {"config", to_json(m.config)},
                   {"limits", to_json(m.limits)},
                   {"model",
                    {{"detector", m.model.detector},
                     {"classifier", m.model.classifier},
                     {"labels", strings(m.model.labels)}}}};
  if (m.room) out["room"] = *m.room;
  if (!m.ignored.empty()) out["ignored_config"] = strings(m.ignored);
  return out;
}

json::object to_json(const status_message& m) {
  json::object out{{"state", m.processing ? "processing" : "idle"},
                   {"action", to_string(m.action)},
                   {"target_fps", m.target_fps},
                   {"timestamp", seconds_of(m.now)}};
  if (m.room) out["room"] = *m.room;
  if (m.role) out["role"] = to_string(*m.role);
  if (m.config) out["config"] = to_json(*m.config);
  if (m.ignored && !m.ignored->empty()) out["ignored_config"] = strings(*m.ignored);
  return out;
}

json::object to_json(const vision::analysis& analysis, const vision::model_info& model,
                     const face_fields& fields) {
  std::vector<face_report> reports;
  reports.reserve(analysis.faces.size());
  for (const vision::face& f : analysis.faces) {
    face_report report{
        .id = reports.size() + 1, .face = &f, .fields = {.mesh = fields.mesh, .eyes = fields.eyes}};
    if (f.reading) report.expression = service::expression{*f.reading, vision::dominant_label(*f.reading)};
    reports.push_back(std::move(report));
  }
  return image_content(analysis, reports, model, stage_timing(analysis.times));
}

json::object to_json(const image_result& m) {
  json::object out = to_json(m.analysis, m.model, m.fields);
  out["timing"].as_object()["queue"] = milliseconds_of(m.queue_ms);
  out["version"] = protocol_version;
  out["user_id"] = m.user_id;
  out["processed_at"] = seconds_of(m.processed_at);
  out["latency_ms"] = milliseconds_of(m.latency_ms);
  return out;
}

json::object to_json(const result_message& m) {
  json::object timing = stage_timing(m.analysis.times);
  timing["queue"] = milliseconds_of(m.queue_ms);
  json::object out = image_content(m.analysis, m.faces, m.model, std::move(timing));
  out["version"] = protocol_version;
  out["session_id"] = m.session_id;
  out["user_id"] = m.user_id;
  if (m.room) out["room"] = *m.room;
  out["frame_id"] = m.frame_id;
  out["seq"] = m.seq;
  out["timestamp"] = m.timestamp;
  out["processed_at"] = seconds_of(m.processed_at);
  out["latency_ms"] = milliseconds_of(m.latency_ms);
  out["dropped_since_last"] = m.dropped_since_last;
  return out;
}

}  // namespace emostream::service
