#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "socketio/harness.hpp"
#include "socketio/json.hpp"

namespace emostream::socketio::test {

inline options recovery_enabled() {
  options opts;
  opts.recovery.enabled = true;
  return opts;
}

/// A client with the ids that it received when it connected.
struct recoverable_client : test_client {
  std::string pid;
  std::string id;
  std::shared_ptr<socket> server_socket;

  void disconnect(disconnect_reason why = "transport close") { connection->on_close(why); }
};

/// A string member of the JSON object in a packet; empty if there is none.
inline std::string json_member(const std::string& packet, std::string_view name) {
  const auto json = parse_json(std::string_view(packet).substr(packet.find('{')), {});
  const auto* found = json ? json->get_object().if_contains(name) : nullptr;
  return found ? std::string(found->as_string()) : std::string();
}

/// Connects with `auth` and removes the CONNECT response, but not the packets after it.
inline recoverable_client connect(test_server& server, const std::string& auth = "",
                                  const std::string& nsp = "/") {
  recoverable_client client{server.open(), {}, {}, {}};
  client.send("0" + (nsp == "/" ? "" : nsp + ",") + auth);
  if (client.out->sent.empty()) return client;
  const std::string response = *client.out->sent.front().data;
  client.out->sent.erase(client.out->sent.begin());
  EXPECT_EQ(response.substr(0, 1), "0") << response;
  client.pid = json_member(response, "pid");
  client.id = json_member(response, "sid");
  if (auto* found = server->find(nsp)) client.server_socket = found->find(client.id);
  return client;
}

/// The auth of a client that requests recovery.
inline std::string recovery_auth(const std::string& pid, const std::string& offset) {
  return R"({"pid":")" + pid + R"(","offset":")" + offset + R"("})";
}

/// Connects and requests recovery of the disconnected client.
inline recoverable_client reconnect(test_server& server, const recoverable_client& lost,
                                    const std::string& offset, const std::string& nsp = "/") {
  return connect(server, recovery_auth(lost.pid, offset), nsp);
}

}  // namespace emostream::socketio::test
