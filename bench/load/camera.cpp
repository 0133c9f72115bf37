#include "load/camera.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace emostream::bench {

namespace {

constexpr std::size_t max_answer_size = 64 * 1024;

/// The text after `key` and a colon; spaces are skipped.
std::string_view after_key(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + key.size());
  json.remove_prefix(std::min(json.find_first_not_of(" :"), json.size()));
  return json;
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) return std::nullopt;
  return value;
}

/// Returns the number that follows `key` in the text, or 0 if the key is missing.
double decimal_after(std::string_view json, std::string_view key) {
  const auto text = after_key(json, key);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The time that a worker spent on the frame of a detection_result: decoding, detection (with tracking and
/// verification) and classification. `timing` also has the time for which the frame waited, which is not part
/// of it. 0 if the server does not report its timing.
double worker_time_ms(std::string_view result) {
  const auto timing = after_key(result, "\"timing\"");
  return decimal_after(timing, "\"decode\"") + decimal_after(timing, "\"detect\"") +
         decimal_after(timing, "\"classify\"");
}

std::string quoted(std::string_view text) {
  if (!text.starts_with('"')) return {};
  text.remove_prefix(1);
  return std::string(text.substr(0, text.find('"')));
}

}  // namespace

camera::camera(poller& owner, const setup& common, const std::string& token,
               std::span<const std::string> images, std::size_t first_image)
    : connection(owner, common.port, common.upgrade, max_answer_size),
      common_(common),
      token_(token),
      images_(images),
      next_image_(first_image) {}

void camera::send_frame(time_point due) {
  const auto id = std::to_string(frames_.size());
  frames_.push_back({.due = due, .sent = steady_clock::now()});
  ++unanswered_;
  send_copy(client_frame({opcode::text, "451-" + common_.name_space + "," + id +
                                            "[\"video_frame\",{\"frame_id\":" + id +
                                            ",\"data\":{\"_placeholder\":true,\"num\":0}}]"}));
  send(images_[next_image_++ % images_.size()]);
}

void camera::on_frame(const frame_reader::received& f) {
  expect(f.op == opcode::text && !f.content.empty(), f);
  if (f.first == '0')  // Engine.IO is open
    return send_copy(
        client_frame({opcode::text, "40" + common_.name_space + ",{\"token\":\"" + token_ + "\"}"}));
  auto packet = f.content;
  const auto kind = packet.substr(0, 2);
  packet.remove_prefix(2);
  expect(packet.starts_with(common_.name_space + ","), f);
  packet.remove_prefix(common_.name_space.size() + 1);
  if (kind == "40") {
    emit("initialize", "{}");
    return emit("control", "{\"action\":\"start\"}");
  }
  expect(kind == "42" || kind == "43", f);
  if (kind == "42") return on_event(packet);
  on_ack(packet, f);
}

void camera::on_event(std::string_view packet) {
  if (packet.starts_with("[\"status\"")) ready_ = true;
  // error_message needs no handling: the acknowledgement has the same reason.
  if (!packet.starts_with("[\"detection_result\"")) return;
  const auto id = number(after_key(packet, "\"frame_id\""));
  if (!id || *id >= frames_.size() || frames_[*id].result)
    throw std::runtime_error("a result for an unknown or already answered frame: " +
                             std::string(packet.substr(0, 200)));
  auto& outcome = frames_[*id];
  const bool was_answered = outcome.answered();
  outcome.result = steady_clock::now();
  outcome.faces = number(after_key(packet, "\"face_count\"")).value_or(0);
  outcome.worker_ms = worker_time_ms(packet);
  on_result(packet);
  complete_if_answered(outcome, was_answered);
}

void camera::on_ack(std::string_view packet, const frame_reader::received& f) {
  const auto id = number(packet);
  expect(id && *id < frames_.size() && !frames_[*id].acknowledged, f);
  auto& outcome = frames_[*id];
  const bool was_answered = outcome.answered();
  outcome.acknowledged = true;
  if (!after_key(packet, "\"ok\"").starts_with("true"))
    outcome.refused = quoted(after_key(packet, "\"reason\""));
  complete_if_answered(outcome, was_answered);
}

void camera::complete_if_answered(frame_outcome& outcome, bool was_answered) {
  if (was_answered || !outcome.answered()) return;
  --unanswered_;
  on_answered();
}

void camera::emit(std::string_view event, std::string_view payload) {
  send_copy(client_frame({opcode::text, "42" + common_.name_space + ",[\"" + std::string(event) + "\"," +
                                            std::string(payload) + "]"}));
}

}  // namespace emostream::bench
