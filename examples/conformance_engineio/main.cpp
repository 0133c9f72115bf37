// The echo server that the test suite of socketio/engine.io-protocol needs.
#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

#include "server/engineio/engineio_server.hpp"

using namespace emostream;

namespace {

class echo final : public server::engineio_session_handler {
 public:
  explicit echo(std::shared_ptr<server::engineio_session> session) : session_(std::move(session)) {}
  void on_message(const incoming_message& m) override {
    const message reply{m.to_shared(), m.binary};
    session_->send({&reply, 1});
  }
  void on_close(engineio::close_reason) override {}

 private:
  std::shared_ptr<server::engineio_session> session_;
};

}  // namespace

int main() {
  net::http_server http{{.host = "127.0.0.1", .port = 3000}};
  server::engineio_server engine{
      http, {.protocol = {.ping_interval = milliseconds(300), .ping_timeout = milliseconds(200)}}};
  engine.mount("/engine.io/", [](std::shared_ptr<server::engineio_session> session) {
    return std::make_unique<echo>(std::move(session));
  });

  http.on_signals({SIGINT, SIGTERM}, [&http](int) { http.close_all(); });
  if (const auto port = http.listen()) {
    http.run();
  } else {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return 1;
  }
}
