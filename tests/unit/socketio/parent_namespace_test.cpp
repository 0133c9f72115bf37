#include "socketio/parent_namespace.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::StartsWith;

options remove_empty_children() {
  options o;
  o.remove_empty_child_namespaces = true;
  return o;
}

bool is_dynamic(std::string_view name, const boost::json::object&) {
  return name.starts_with("/dynamic-");
}

std::string send_and_take(const test_client& client, const std::string& packet) {
  client.send(packet);
  const auto texts = client.take();
  return texts.empty() ? "" : texts.front();
}

TEST(parent_namespace, children_get_its_middlewares_and_handlers) {
  test_server server;
  auto& parent = server->of(is_dynamic);
  std::string log;
  parent.use([&](const std::shared_ptr<socket>& s, const next& proceed) {
    log += "?" + s->nsp().name();
    proceed();
  });
  parent.on_connection([&](const std::shared_ptr<socket>& s) { log += "!" + s->nsp().name(); });
  const test_client client = server.open();
  EXPECT_THAT(send_and_take(client, "0/dynamic-1,"), StartsWith(R"(0/dynamic-1,{"sid":)"));
  EXPECT_EQ(send_and_take(client, "0/other,"), R"(4/other,{"message":"Invalid namespace"})");
  EXPECT_EQ(log, "?/dynamic-1!/dynamic-1");
  const test_client other = server.open();
  EXPECT_THAT(send_and_take(other, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
  EXPECT_THAT(send_and_take(other, "0/dynamic-2,"), StartsWith("0/dynamic-2,{"));
  EXPECT_EQ(parent.child_count(), 2U);

  parent.emit("n", 1);
  EXPECT_THAT(client.take(), ElementsAre(R"(2/dynamic-1,["n",1])"));
  EXPECT_THAT(other.take(), ElementsAre(R"(2/dynamic-1,["n",1])", R"(2/dynamic-2,["n",1])"));
}

TEST(parent_namespace, predicates_are_called_in_order_with_the_auth) {
  test_server server;
  server->of([](std::string_view, const boost::json::object&) -> bool { throw std::runtime_error("a bug"); });
  auto& second =
      server->of([](std::string_view, const boost::json::object& auth) { return auth.contains("key"); });
  auto& third = server->of(is_dynamic);
  server->of("/static");
  const test_client client = server.open();
  EXPECT_THAT(send_and_take(client, R"(0/a,{"key":1})"), StartsWith("0/a,{"));
  EXPECT_THAT(send_and_take(client, R"(0/static,{"key":1})"), StartsWith("0/static,{"));
  EXPECT_THAT(send_and_take(client, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
  EXPECT_EQ(second.child_count(), 1U);
  EXPECT_EQ(third.child_count(), 1U);
}

TEST(parent_namespace, keeps_empty_children_by_default) {
  test_server server;
  auto& parent = server->of(is_dynamic);
  const test_client client = server.open();
  client.send("0/dynamic-1,");
  client.send("1/dynamic-1,");
  EXPECT_EQ(parent.child_count(), 1U);
}

TEST(parent_namespace, removes_a_child_with_its_last_socket) {
  test_server server(remove_empty_children());
  auto& parent = server->of(is_dynamic);
  std::string disconnected;
  std::shared_ptr<socket> kept;
  parent.on_connection([&](const std::shared_ptr<socket>& s) {
    kept = s;
    s->on_disconnect([&disconnected, s = s.get()](disconnect_reason) { disconnected += s->nsp().name(); });
  });
  const test_client client = server.open();
  const test_client other = server.open();
  client.send("0/dynamic-1,");
  other.send("0/dynamic-1,");
  client.send("1/dynamic-1,");
  EXPECT_EQ(parent.child_count(), 1U);
  other.connection->on_close("transport close");
  EXPECT_EQ(parent.child_count(), 0U);
  EXPECT_EQ(server->find("/dynamic-1"), nullptr);
  EXPECT_EQ(disconnected, "/dynamic-1/dynamic-1");
  EXPECT_EQ(kept->nsp().name(), "/dynamic-1") << "a socket keeps its namespace";
  (void)client.take();
  EXPECT_THAT(send_and_take(client, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
}

TEST(parent_namespace, limits_the_length_of_names) {
  test_server server;
  server->of(is_dynamic);
  const test_client client = server.open();
  const std::string longest = "/dynamic-" + std::string(256 - 9, 'x');
  EXPECT_THAT(send_and_take(client, "0" + longest + ","), StartsWith("0" + longest + ",{"));
  client.send("0" + longest + "x,");
  EXPECT_TRUE(client.closed());
}

TEST(parent_namespace, removes_a_child_to_which_no_socket_connected) {
  test_server server;
  auto& parent = server->of(is_dynamic);
  std::optional<next> waiting;
  parent.use([&](const std::shared_ptr<socket>&, next proceed) { waiting = std::move(proceed); });
  const test_client client = server.open();
  client.send("0/dynamic-1,");
  EXPECT_EQ(parent.child_count(), 1U) << "a socket is pending";
  (*waiting)({"no"});
  EXPECT_EQ(parent.child_count(), 0U);
  EXPECT_THAT(client.take(), ElementsAre(R"(4/dynamic-1,{"message":"no"})"));
  client.send("0/dynamic-1,");
  client.connection->on_close("transport close");
  EXPECT_EQ(parent.child_count(), 0U);
  (*waiting)();
  EXPECT_THAT(client.take(), IsEmpty());
}

TEST(parent_namespace, does_not_remove_a_child_that_the_application_refers_to) {
  test_server server(remove_empty_children());
  server->of(is_dynamic);
  const test_client client = server.open();
  client.send("0/dynamic-1,");
  auto& known = server->of("/dynamic-1");
  client.send("1/dynamic-1,");
  EXPECT_EQ(server->find("/dynamic-1"), &known);
}

TEST(parent_namespace, limits_the_number_of_children) {
  options o;
  o.max_child_namespaces = 1;
  test_server server(o);
  server->of(is_dynamic);
  const test_client client = server.open();
  EXPECT_THAT(send_and_take(client, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
  EXPECT_EQ(send_and_take(client, "0/dynamic-2,"), R"(4/dynamic-2,{"message":"Invalid namespace"})");
}

}  // namespace
}  // namespace emostream::socketio::test
