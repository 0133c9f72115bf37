#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/client.hpp"
#include "socketio/hub.hpp"
#include "socketio/namespace.hpp"
#include "socketio/socket.hpp"

namespace emostream::socketio::test {

/// What a client's transport was told to do.
struct wire {
  std::vector<message> sent;
  int closes = 0;
  std::size_t buffered = 0;

  /// The messages sent since the last call, binary ones in angle brackets.
  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (const auto& m : std::exchange(sent, {})) texts.push_back(m.binary ? "<" + *m.data + ">" : *m.data);
    return texts;
  }
};

class fake_transport final : public transport {
 public:
  explicit fake_transport(std::shared_ptr<wire> to) : wire_(std::move(to)) {}
  void send(std::span<const message> batch) override {
    wire_->sent.insert(wire_->sent.end(), batch.begin(), batch.end());
  }
  void close() override { ++wire_->closes; }
  [[nodiscard]] std::size_t buffered_bytes() const override { return wire_->buffered; }
  [[nodiscard]] std::string_view name() const override { return "websocket"; }

 private:
  std::shared_ptr<wire> wire_;
};

/// A client at the other end of a fake transport.
struct peer {
  std::shared_ptr<wire> out = std::make_shared<wire>();
  std::shared_ptr<client> connection;

  void send(std::string text) const { connection->on_message(message::text(std::move(text))); }
  void send_binary(std::string bytes) const { connection->on_message(message::bytes(std::move(bytes))); }
  [[nodiscard]] std::vector<std::string> take() const { return out->take(); }
  [[nodiscard]] bool closed() const { return out->closes > 0; }
};

/// A hub whose clock stands still until it is told otherwise.
class world {
 public:
  explicit world(options limits = {}) : hub_(with_clock(std::move(limits))) {}

  hub* operator->() { return &hub_; }
  server_namespace& root() { return hub_.of("/"); }

  peer open(request_head request = {}, std::string v2_id = {}) {
    peer p;
    p.connection = hub_.connect(std::make_unique<fake_transport>(p.out),
                                std::make_shared<const request_head>(std::move(request)), std::move(v2_id));
    return p;
  }
  /// A peer that has joined the namespace of that name; its CONNECT answer is taken.
  peer join(const std::string& nsp = "/") {
    hub_.of(nsp);
    peer p = open();
    p.send(nsp == "/" ? "0" : "0" + nsp + ",");
    (void)p.take();
    return p;
  }
  /// The same, and the server's end of it.
  std::pair<peer, std::shared_ptr<socket>> join_with_socket(const std::string& nsp = "/") {
    peer p = open();
    std::optional<std::string> id;
    hub_.of(nsp);
    p.send(nsp == "/" ? "0" : "0" + nsp + ",");
    const std::string answer = p.take().at(0);
    const auto from = answer.find(R"("sid":")") + 7;
    return {p, hub_.find(nsp)->find(answer.substr(from, 20))};
  }

  void advance(milliseconds by) {
    now_ += by;
    hub_.run_timers(now_);
  }
  [[nodiscard]] time_point now() const { return now_; }

 private:
  options with_clock(options limits) {
    limits.now = [this] { return now_; };
    limits.wall_now = [] { return wall_clock::time_point(std::chrono::seconds(1'700'000'000)); };
    return limits;
  }

  time_point now_{};
  hub hub_;
};

inline arguments args(boost::json::array values) {
  return arguments::of(std::move(values));
}

}  // namespace emostream::socketio::test
