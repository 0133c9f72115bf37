#include "load/camera.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace emostream::bench {

namespace {

constexpr std::size_t longest_answer = 64 * 1024;

/// What stands behind `key` and a colon, with spaces or without.
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

std::string quoted(std::string_view text) {
  if (!text.starts_with('"')) return {};
  text.remove_prefix(1);
  return std::string(text.substr(0, text.find('"')));
}

}  // namespace

camera::camera(poller& owner, const setup& common, const std::string& token, std::size_t first_image)
    : connection(owner, common.port, common.upgrade, longest_answer),
      common_(common),
      token_(token),
      next_image_(first_image) {}

void camera::send_frame(time_point due) {
  const auto id = std::to_string(frames_.size());
  frames_.push_back({.due = due, .sent = steady_clock::now()});
  ++unanswered_;
  send_copy(client_frame({opcode::text, "451-" + common_.name_space + "," + id +
                                            "[\"video_frame\",{\"frame_id\":" + id +
                                            ",\"data\":{\"_placeholder\":true,\"num\":0}}]"}));
  send(common_.images[next_image_++ % common_.images.size()]);
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
  if (packet.starts_with("[\"status\"")) ready_ = true;  // error_message tells nothing that an ack does not
  if (!packet.starts_with("[\"detection_result\"")) return;
  const auto id = number(after_key(packet, "\"frame_id\""));
  if (!id || *id >= frames_.size() || frames_[*id].result)
    throw std::runtime_error("a result for no frame: " + std::string(packet.substr(0, 200)));
  auto& fate = frames_[*id];
  const bool was_told = fate.told();
  fate.result = steady_clock::now();
  fate.faces = number(after_key(packet, "\"face_count\"")).value_or(0);
  on_result(packet);
  settle(fate, was_told);
}

void camera::on_ack(std::string_view packet, const frame_reader::received& f) {
  const auto id = number(packet);
  expect(id && *id < frames_.size() && !frames_[*id].acknowledged, f);
  auto& fate = frames_[*id];
  const bool was_told = fate.told();
  fate.acknowledged = true;
  if (!after_key(packet, "\"ok\"").starts_with("true"))
    fate.refused = quoted(after_key(packet, "\"reason\""));
  settle(fate, was_told);
}

void camera::settle(frame_fate& fate, bool was_told) {
  if (was_told || !fate.told()) return;
  --unanswered_;
  on_told();
}

void camera::emit(std::string_view event, std::string_view payload) {
  send_copy(client_frame({opcode::text, "42" + common_.name_space + ",[\"" + std::string(event) + "\"," +
                                            std::string(payload) + "]"}));
}

}  // namespace emostream::bench
