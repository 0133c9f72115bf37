#pragma once

#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "auth/token.hpp"
#include "base/base64.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/emotion_service.hpp"
#include "socketio/client.hpp"
#include "socketio/hub.hpp"
#include "task_loop.hpp"
#include "vision/image/image.hpp"

namespace emostream::service::testing {

namespace json = boost::json;
using ::testing::ElementsAre;

inline const std::string nsp = "/emotion-detection";
inline const std::string alias = "/ws/emotion-detection";
inline constexpr std::int64_t start_time = 1'700'000'000;

/// A Socket.IO packet that the server sent.
struct packet {
  char type;  ///< the digit of the protocol
  std::string nsp;
  std::string ack;
  json::value data;
};

/// Converts whole numbers to integers, because JSON does not distinguish 7 from 7.0.
inline json::value with_integers(json::value v) {
  if (const double* d = v.if_double(); d && std::trunc(*d) == *d) return static_cast<std::int64_t>(*d);
  if (auto* list = v.if_array())
    for (json::value& item : *list) item = with_integers(std::move(item));
  if (auto* object = v.if_object())
    for (auto& [key, item] : *object) item = with_integers(std::move(item));
  return v;
}

/// Parses a packet from the server. Independent of the server's own parser.
inline packet parse_packet(std::string_view text) {
  packet p{text.at(0), "/", {}, {}};
  text.remove_prefix(1);
  if (text.starts_with('/')) {
    const auto comma = text.find(',');
    p.nsp = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  const auto digits = text.find_first_not_of("0123456789");
  p.ack = text.substr(0, digits);
  text.remove_prefix(std::min(digits, text.size()));
  if (!text.empty()) p.data = with_integers(json::parse(text));
  return p;
}

/// A connection with one socket, over a transport that records the text packets that the server sends.
class test_client {
 public:
  test_client(socketio::hub& hub, std::string nsp_name) : nsp_(std::move(nsp_name)) {
    struct transport final : socketio::transport {
      explicit transport(std::shared_ptr<std::vector<packet>> s) : sent(std::move(s)) {}
      void send(std::span<const message> batch) override {
        for (const message& m : batch)
          if (!m.binary) sent->push_back(parse_packet(*m.data));
      }
      void close() override {}
      void accept_large_messages() override {}
      [[nodiscard]] std::size_t buffered_bytes() const override { return 0; }
      [[nodiscard]] bool writable() const override { return true; }
      [[nodiscard]] std::string_view name() const override { return "websocket"; }
      std::shared_ptr<std::vector<packet>> sent;
    };
    client_ = hub.connect(std::make_unique<transport>(sent_), std::make_shared<const request_head>());
  }
  ~test_client() { disconnect(); }
  test_client(const test_client&) = delete;
  test_client& operator=(const test_client&) = delete;

  void connect(std::string_view auth) {
    client_->on_message(message::text("0" + nsp_ + "," + std::string(auth)));
  }
  void disconnect() {
    if (client_) client_->on_close("transport close");
    client_.reset();
  }

  /// Sends an event. `payload` is JSON text, or empty for no argument; `ack` is an acknowledgement id, or
  /// empty.
  void emit(std::string_view name, std::string_view payload, std::string_view ack = "") {
    std::string text = "2" + nsp_ + "," + std::string(ack) + "[\"" + std::string(name) + "\"";
    if (!payload.empty()) text += "," + std::string(payload);
    client_->on_message(message::text(text + "]"));
  }
  /// Sends a video_frame whose data is a binary attachment.
  void emit_binary_frame(std::string_view frame_id, std::string bytes, std::string_view ack = "") {
    client_->on_message(message::text("51-" + nsp_ + "," + std::string(ack) +
                                      R"(["video_frame",{"frame_id":)" + std::string(frame_id) +
                                      R"(,"data":{"_placeholder":true,"num":0}}])"));
    client_->on_message(message::bytes(std::move(bytes)));
  }
  /// Sends a video_frame whose only argument is a binary attachment.
  void emit_bytes(std::string bytes, std::string_view ack = "") {
    client_->on_message(message::text("51-" + nsp_ + "," + std::string(ack) +
                                      R"(["video_frame",{"_placeholder":true,"num":0}])"));
    client_->on_message(message::bytes(std::move(bytes)));
  }
  /// Sends a video_frame with that image as base64.
  void emit_frame(std::string_view frame_id, std::string_view image, std::string_view ack = "") {
    emit("video_frame",
         R"({"frame_id":)" + std::string(frame_id) + R"(,"data":")" + base64::encode(image) + "\"}", ack);
  }

  /// Returns the packets received since the last call.
  std::vector<packet> take() { return std::exchange(*sent_, {}); }

  /// Returns one name per packet received since the last call: the name of the event, "ack 7", "connect",
  /// "connect_error" or "disconnect".
  std::vector<std::string> take_names() {
    std::vector<std::string> out;
    for (const packet& p : take()) {
      switch (p.type) {
        case '0':
          out.emplace_back("connect");
          break;
        case '1':
          out.emplace_back("disconnect");
          break;
        case '2':
          out.emplace_back(p.data.at(0).as_string());
          break;
        case '3':
          out.emplace_back("ack " + p.ack);
          break;
        case '4':
          out.emplace_back("connect_error");
          break;
        default:
          out.emplace_back("?");
          break;
      }
    }
    return out;
  }
  /// Takes all packets and returns the payload of the last event of that name; null if there is none.
  json::value take_event(std::string_view name) {
    json::value found;
    for (const packet& p : take())
      if (p.type == '2' && p.data.at(0).as_string() == name) found = p.data.at(1);
    return found;
  }
  /// Takes all packets and returns the argument of that acknowledgement; null if there is none.
  json::value take_ack(std::string_view id) {
    json::value found;
    for (const packet& p : take())
      if (p.type == '3' && p.ack == id) found = p.data.at(0);
    return found;
  }

 private:
  std::string nsp_;
  std::shared_ptr<std::vector<packet>> sent_ = std::make_shared<std::vector<packet>>();
  std::shared_ptr<socketio::client> client_;
};

/// Fixture for the service on a Socket.IO hub without a network, with a manual clock and a fake analyzer that
/// is controlled by the content of the images: "hold…" blocks until the gate is released; "bad", "big" and
/// "throw" fail; "none" has no face.
class service_test : public ::testing::Test {
 protected:
  explicit service_test(service_options o = {}, unsigned workers = 1)
      : limits(o),
        queue({.workers = workers}, [this] { return steady(); }),
        hub(hub_options()),
        app(
            limits, tokens,
            {.detector = "blaze", .classifier = "mini", .labels = {"neutral", "happiness", "fear"}}, queue,
            [this] {
              return [this](auto bytes, const auto& opts, time_point, vision::analysis& into) {
                return analyze(bytes, opts, into);
              };
            },
            [this](auto task) { io.post(std::move(task)); },
            {.steady = [this] { return steady(); }, .wall = [this] { return wall(); }}) {
    app.attach(hub.of(nsp));
    hub.alias(alias, nsp);
  }
  ~service_test() override {
    gate.release(100);
    queue.close();
  }

  time_point steady() const { return time_point(milliseconds(1'000'000 + now_ms)); }
  wall_clock::time_point wall() const {
    return wall_clock::time_point(std::chrono::seconds(start_time) + milliseconds(now_ms));
  }

  /// Returns the auth payload with a token of that account.
  std::string token(std::string_view account, std::chrono::seconds ttl = std::chrono::hours(1)) {
    return R"({"token":")" + tokens.sign(account, wall(), ttl) + "\"}";
  }
  /// Returns a connected client.
  std::unique_ptr<test_client> connected(std::string_view account = "alice",
                                         const std::string& nsp_name = nsp) {
    auto c = std::make_unique<test_client>(hub, nsp_name);
    c->connect(token(account));
    EXPECT_THAT(c->take_names(), ElementsAre("connect"));
    return c;
  }
  /// Returns a connected client that has started processing.
  std::unique_ptr<test_client> started(std::string_view account = "alice",
                                       const std::string& nsp_name = nsp) {
    auto c = connected(account, nsp_name);
    c->emit("control", R"({"action":"start"})");
    EXPECT_THAT(c->take_names(), ElementsAre("status"));
    return c;
  }

  /// Runs the tasks that workers post, until no frame is in flight.
  void finish_frames() {
    while (app.stats().frames_in_flight > 0) io.run_one();
  }
  /// Waits until a worker is blocked in a "hold" frame.
  void wait_until_held() { held.acquire(); }
  /// Releases the worker and finishes all frames.
  void release_and_finish() {
    gate.release();
    finish_frames();
  }

  const service_options limits;
  std::atomic<int> now_ms = 0;
  /// Makes the result of the following analyses; default_analysis() if it is empty.
  std::function<vision::analysis(std::string_view image)> next_analysis;
  auth::token_authority tokens{{.secret = "0123456789abcdef0123456789abcdef", .issuer = {}, .audience = {}}};
  std::counting_semaphore<> held{0};
  std::counting_semaphore<> gate{0};
  task_loop io;
  pipeline::frame_queue queue;
  socketio::hub hub;
  emotion_service app;

 public:
  /// A face at x. It is classified unless `probabilities` is empty.
  static vision::face face_at(float x, std::vector<float> probabilities) {
    vision::face f;
    f.confidence = 0.9F;
    f.box = {.x = x, .y = 20, .width = 50, .height = 60};
    f.landmarks.emplace().fill({.x = x + 1, .y = 21});
    f.pose = vision::head_pose{.yaw = 1, .pitch = 2, .roll = 3};
    f.quality = {.blur = 100, .brightness = 0.5F, .size_px = 50, .flags = {"dark"}};
    if (!probabilities.empty())
      f.reading = vision::reading{
          .probabilities = {probabilities.begin(), probabilities.end()}, .valence = 0.25F, .arousal = -0.5F};
    return f;
  }
  static vision::analysis analysis_of(std::vector<vision::face> faces) {
    vision::analysis a;
    a.width = 200;
    a.height = 100;
    a.faces = std::move(faces);
    for (std::uint64_t id = 0; vision::face & f : a.faces) f.id = ++id;
    a.times = {.decode = 1.5, .detect = 2.5, .classify = 3.5};
    return a;
  }

 private:
  socketio::options hub_options() {
    socketio::options o;
    o.now = [this] { return steady(); };
    o.wall_now = [this] { return wall(); };
    return o;
  }
  std::error_code analyze(std::span<const std::uint8_t> bytes, const vision::frame_options& opts,
                          vision::analysis& into) {
    const std::string text(bytes.begin(), bytes.end());
    if (text.starts_with("hold")) {
      held.release();
      gate.acquire();
    }
    if (text == "bad") return vision::image_error::corrupt;
    if (text == "big") return vision::image_error::too_many_pixels;
    if (text == "throw") throw std::runtime_error("bug");
    into = text == "none" ? analysis_of({}) : next_analysis ? next_analysis(text) : default_analysis(opts);
    return {};
  }
  static vision::analysis default_analysis(const vision::frame_options& opts) {
    // Makes the options of the frame visible in the result.
    auto face = face_at(10, {0.2F, 0.7F, 0.1F});
    face.confidence = opts.min_confidence;
    if (opts.eyes) face.eyes.emplace();
    auto analysis =
        analysis_of(std::vector<vision::face>(static_cast<std::size_t>(std::max(1, opts.max_faces)), face));
    if (!opts.upright) std::swap(analysis.width, analysis.height);
    return analysis;
  }
};

}  // namespace emostream::service::testing
