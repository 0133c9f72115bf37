// Searches for messages of 2 MB that the I/O thread reads for longer than 100 ms, or that need more than 64
// MB. usage: message_cost SECONDS [FOLDER [SEED]], see search.hpp
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "engineio/session.hpp"
#include "generators.hpp"
#include "search.hpp"
#include "socketio/client.hpp"
#include "socketio/hub.hpp"
#include "socketio/socket.hpp"

using namespace emostream;
using namespace emostream::fuzzing;

namespace {

/// Discards what the server sends.
class no_transport final : public socketio::transport {
 public:
  explicit no_transport(bool& closed) : closed_(closed) {}
  void send(std::span<const message>) override {}
  void close() override { closed_ = true; }
  void accept_large_messages() override {}
  [[nodiscard]] std::size_t buffered_bytes() const override { return 0; }
  [[nodiscard]] bool writable() const override { return true; }
  [[nodiscard]] std::string_view name() const override { return "websocket"; }

 private:
  bool& closed_;
};

/// A server whose handler of the event "e" acknowledges it with its arguments, and a client that is connected
/// to the namespace "/".
class echo_server {
 public:
  echo_server(std::shared_ptr<const socketio::parser> parser, engineio::transport transport)
      : hub_({.parser = std::move(parser)}), session_("id", transport, options_, {}) {
    hub_.of("/").on_connection([](const std::shared_ptr<socketio::socket>& s) {
      s->on("e", [](socketio::event& e) { e.ack(e.args); });
    });
    client_ = hub_.connect(std::make_unique<no_transport>(closed_), std::make_shared<const request_head>());
  }

  void connect(const message& m) { client_->on_message(m); }
  void receive(std::string_view content, bool binary) {
    engineio::actions actions;
    session_.receive(content, binary, {}, actions);
    take(actions);
  }
  void post(std::string_view body) {
    engineio::actions actions;
    if (session_.begin_post(false, actions)) (void)session_.finish_post(body, {}, actions);
    take(actions);
  }
  [[nodiscard]] handled result() const {
    return {.allowed_ms = 100, .outcome = closed_ || session_.closed() ? "closed" : "accepted"};
  }

 private:
  void take(engineio::actions& actions) {
    for (auto& a : actions)
      if (const auto* deliver = std::get_if<engineio::action::deliver>(&a); deliver != nullptr && !closed_)
        client_->on_message(deliver->content);
  }

  engineio::options options_{.max_http_buffer_size = 2'000'000};
  socketio::hub hub_;
  engineio::session session_;
  bool closed_ = false;
  std::shared_ptr<socketio::client> client_;
};

std::string_view text_of(const bytes& input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

handled receive_json(const bytes& input) {
  echo_server server(socketio::json_parser(), engineio::transport::websocket);
  server.connect(message::text("0"));
  server.receive(text_of(input), false);
  return server.result();
}

handled receive_msgpack(const bytes& input) {
  const auto parser = socketio::msgpack_parser();
  echo_server server(parser, engineio::transport::websocket);
  using namespace std::string_view_literals;
  constexpr auto connect = "\x82\xA4type\x00\xA3nsp\xA1/"sv;
  server.connect(message::bytes(std::string(connect)));
  server.receive(text_of(input), true);
  return server.result();
}

handled receive_post(const bytes& input) {
  echo_server server(socketio::json_parser(), engineio::transport::polling);
  server.connect(message::text("0"));
  server.post(text_of(input));
  return server.result();
}

constexpr generator generators[] = {
    {"json", json_event, receive_json},
    {"msgpack", msgpack_event, receive_msgpack},
    {"post", post_body, receive_post},
};

}  // namespace

int main(int argc, char** argv) {
  return search_worst_inputs(generators, {.mb = 64, .tolerance = 1}, argc, argv);
}
