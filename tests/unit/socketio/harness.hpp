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

/// The calls that a client's transport received, and the state that it reports.
struct transport_record {
  std::vector<message> sent;
  int closes = 0;
  bool accepts_large_messages = false;
  std::size_t buffered = 0;
  bool poll_waiting = true;  ///< false: as a polling transport between two requests

  /// Returns and removes the sent messages; binary ones are in angle brackets.
  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (const auto& m : std::exchange(sent, {})) texts.push_back(m.binary ? "<" + *m.data + ">" : *m.data);
    return texts;
  }
};

class fake_transport final : public transport {
 public:
  explicit fake_transport(std::shared_ptr<transport_record> record) : record_(std::move(record)) {}
  void send(std::span<const message> batch) override {
    record_->sent.insert(record_->sent.end(), batch.begin(), batch.end());
  }
  void close() override { ++record_->closes; }
  void accept_large_messages() override { record_->accepts_large_messages = true; }
  [[nodiscard]] std::size_t buffered_bytes() const override { return record_->buffered; }
  [[nodiscard]] bool writable() const override { return record_->poll_waiting && record_->buffered == 0; }
  [[nodiscard]] std::string_view name() const override { return "websocket"; }

 private:
  std::shared_ptr<transport_record> record_;
};

/// A client connected through a fake transport.
struct test_client {
  std::shared_ptr<transport_record> out = std::make_shared<transport_record>();
  std::shared_ptr<client> connection;

  void send(std::string text) const { connection->on_message(message::text(std::move(text))); }
  void send_binary(std::string bytes) const { connection->on_message(message::bytes(std::move(bytes))); }
  [[nodiscard]] std::vector<std::string> take() const { return out->take(); }
  [[nodiscard]] bool closed() const { return out->closes > 0; }
};

/// A hub with a manual clock.
class test_server {
 public:
  explicit test_server(options limits = {}) : hub_(with_clock(std::move(limits))) {}

  hub* operator->() { return &hub_; }
  server_namespace& root() { return hub_.of("/"); }

  test_client open(request_head request = {}, std::string v2_id = {}) {
    test_client client;
    client.connection =
        hub_.connect(std::make_unique<fake_transport>(client.out),
                     std::make_shared<const request_head>(std::move(request)), std::move(v2_id));
    return client;
  }
  /// A client that has connected to the namespace; the messages sent to it so far have been removed.
  test_client join(const std::string& nsp = "/") {
    hub_.of(nsp);
    test_client client = open();
    client.send(nsp == "/" ? "0" : "0" + nsp + ",");
    (void)client.take();
    return client;
  }
  /// Like join(), but also returns the server's socket.
  std::pair<test_client, std::shared_ptr<socket>> join_with_socket(const std::string& nsp = "/") {
    test_client client = open();
    hub_.of(nsp);
    client.send(nsp == "/" ? "0" : "0" + nsp + ",");
    const std::string response = client.take().at(0);
    const auto from = response.find(R"("sid":")") + 7;
    return {client, hub_.find(nsp)->find(response.substr(from, 20))};
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
