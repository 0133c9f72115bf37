// The server that the test suite of socketio/engine.io-protocol asks for: every message comes back.
#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

#include "net/http/http_server.hpp"

using namespace emostream;

namespace {

class echo final : public net::session_handler {
 public:
  explicit echo(std::shared_ptr<net::session> session) : session_(std::move(session)) {}
  void on_message(const incoming_message& m) override {
    const message back{m.to_shared(), m.binary};
    session_->send({&back, 1});
  }
  void on_close(engineio::close_reason) override {}

 private:
  std::shared_ptr<net::session> session_;
};

}  // namespace

int main() {
  net::http_server s{{.host = "127.0.0.1",
                      .port = 3000,
                      .engineio = {.ping_interval = milliseconds(300), .ping_timeout = milliseconds(200)}}};
  s.mount("/engine.io/",
          [](std::shared_ptr<net::session> session) { return std::make_unique<echo>(std::move(session)); });

  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.close_all(); });
  if (const auto port = s.listen()) {
    s.run();
  } else {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return 1;
  }
}
