#include "server/session_handler.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/socket.hpp"

namespace emostream::server {
namespace {

using testing::ElementsAre;

class fake_session final : public engineio_session {
 public:
  [[nodiscard]] std::string_view id() const override { return "id"; }
  [[nodiscard]] engineio::protocol version() const override { return protocol; }
  [[nodiscard]] const shared_request& request() const override { return head; }
  [[nodiscard]] engineio::transport transport() const override { return current_transport; }
  void send(std::span<const message> batch) override {
    for (const auto& m : batch) sent.push_back(*m.data);
  }
  void close() override { ++closes; }
  void limit_messages(std::optional<std::size_t> max_bytes) override { max_message = max_bytes; }
  [[nodiscard]] std::size_t buffered_bytes() const override { return 7; }
  [[nodiscard]] bool writable() const override { return true; }

  engineio::transport current_transport = engineio::transport::polling;
  engineio::protocol protocol = engineio::protocol::v4;
  shared_request head = std::make_shared<const request_head>();
  std::vector<std::string> sent;
  int closes = 0;
  std::optional<std::size_t> max_message;
};

TEST(session_handler_test, carries_socketio_over_a_session) {
  socketio::hub hub{{}};
  const auto session = std::make_shared<fake_session>();
  request_head head;
  head.remote_address = "192.0.2.1";
  session->head = std::make_shared<const request_head>(std::move(head));
  std::string reason;
  hub.of("/").on_connection([&](const std::shared_ptr<socketio::socket>& s) {
    EXPECT_EQ(s->handshake().request->remote_address, "192.0.2.1");
    EXPECT_EQ(s->buffered_bytes(), 7U);
    EXPECT_TRUE(s->writable());
    EXPECT_EQ(s->transport(), "polling");
    session->current_transport = engineio::transport::websocket;
    EXPECT_EQ(s->transport(), "websocket");
    s->on_disconnect([&](socketio::disconnect_reason r) { reason = r; });
    s->on("echo", [](socketio::event& e) { e.ack(e.args); });
  });
  auto handler = make_session_handler(hub, session);
  EXPECT_EQ(session->max_message, 4 * hub.settings().max_connect_bytes);
  handler->on_message(message::text("0"));
  EXPECT_EQ(session->max_message, std::nullopt) << "the client has been accepted";
  session->sent.clear();
  handler->on_message(message::text(R"(21["echo",5])"));
  EXPECT_THAT(session->sent, ElementsAre("31[5]"));
  handler->on_close(engineio::close_reason::ping_timeout);
  EXPECT_EQ(reason, "ping timeout");
  handler.reset();
  EXPECT_EQ(session.use_count(), 1) << "the handler releases the session";
}

TEST(session_handler_test, closes_the_session_on_an_invalid_packet) {
  socketio::hub hub{{}};
  const auto session = std::make_shared<fake_session>();
  const auto handler = make_session_handler(hub, session);
  handler->on_message(message::bytes("x"));
  EXPECT_EQ(session->closes, 1);
}

TEST(session_handler_test, treats_an_engineio_3_session_as_a_socketio_2_client) {
  socketio::hub hub{{}};
  hub.of("/");
  const auto session = std::make_shared<fake_session>();
  session->protocol = engineio::protocol::v3;
  const auto handler = make_session_handler(hub, session);
  EXPECT_THAT(session->sent, ElementsAre("0"));
  EXPECT_TRUE(hub.of("/").find("id"));
}

}  // namespace
}  // namespace emostream::server
