#include "server/session_handler.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "socketio/client.hpp"
#include "socketio/transport.hpp"

namespace emostream::server {

namespace {

class session_transport final : public socketio::transport {
 public:
  explicit session_transport(std::shared_ptr<engineio_session> session) : session_(std::move(session)) {}
  void send(std::span<const message> batch) override { session_->send(batch); }
  void close() override { session_->close(); }
  void accept_large_messages() override { session_->limit_messages(std::nullopt); }
  [[nodiscard]] std::size_t buffered_bytes() const override { return session_->buffered_bytes(); }
  [[nodiscard]] bool writable() const override { return session_->writable(); }
  [[nodiscard]] std::string_view name() const override {
    return session_->transport() == engineio::transport::websocket ? "websocket" : "polling";
  }

 private:
  std::shared_ptr<engineio_session> session_;
};

class client_handler final : public engineio_session_handler {
 public:
  explicit client_handler(std::shared_ptr<socketio::client> client) : client_(std::move(client)) {}
  void on_message(const incoming_message& m) override { client_->on_message(m); }
  void on_close(engineio::close_reason reason) override { client_->on_close(engineio::to_string(reason)); }

 private:
  std::shared_ptr<socketio::client> client_;
};

}  // namespace

std::unique_ptr<engineio_session_handler> make_session_handler(socketio::hub& hub,
                                                               std::shared_ptr<engineio_session> session) {
  shared_request request = session->request();
  // Socket.IO 2 uses Engine.IO 3.
  std::string v2_id(session->version() == engineio::protocol::v3 ? session->id() : "");
  // The body of a POST request may have several packets.
  session->limit_messages(4 * hub.settings().max_connect_bytes);
  auto client = hub.connect(std::make_unique<session_transport>(std::move(session)), std::move(request),
                            std::move(v2_id));
  return std::make_unique<client_handler>(std::move(client));
}

}  // namespace emostream::server
