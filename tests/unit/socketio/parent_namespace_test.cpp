#include "socketio/parent_namespace.hpp"

#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

/// A parent whose predicate decides later, and a client that has asked for /a.
class late_decision_test : public testing::Test {
 protected:
  late_decision_test() { client.send(R"(0/a,{"key":1})"); }

  test_server server;
  std::vector<decision> decisions;
  parent_namespace& parent =
      server->of([this](std::string_view name, const boost::json::object& auth, decision d) {
        EXPECT_TRUE(name != "/a" || auth.contains("key"));
        decisions.push_back(std::move(d));
      });
  parent_namespace& second = server->of(is_dynamic);
  test_client client = server.open();
};

TEST_F(late_decision_test, connects_or_rejects_the_client) {
  EXPECT_EQ(parent.child_count(), 0U);
  decisions.at(0)(true);
  decisions.at(0)(false);
  EXPECT_THAT(client.take(), ElementsAre(StartsWith("0/a,{")));
  EXPECT_EQ(parent.child_count(), 1U);
  EXPECT_EQ(server->find("/a")->socket_count(), 1U);
  client.send("0/b,");
  decisions.at(1)(false);
  EXPECT_THAT(client.take(), ElementsAre(R"(4/b,{"message":"Invalid namespace"})"));
  client.send("0/dynamic-1,");
  decisions.at(2)(false);
  EXPECT_THAT(client.take(), ElementsAre(StartsWith("0/dynamic-1,{"))) << "the next parent accepts it";
  EXPECT_EQ(second.child_count(), 1U);
}

TEST_F(late_decision_test, has_no_effect_after_the_client_has_disconnected) {
  client.send("0/b,");
  client.connection->on_close("transport close");
  decisions.at(0)(true);
  client.connection.reset();
  decisions.at(1)(true);
  EXPECT_EQ(parent.child_count(), 0U);
}

TEST_F(late_decision_test, has_no_effect_after_the_server_was_destroyed) {
  std::vector<decision> late;
  {
    test_server other;
    other->of(
        [&](std::string_view, const boost::json::object&, decision d) { late.push_back(std::move(d)); });
    const test_client guest = other.open();
    guest.send("0/a,");
  }
  ASSERT_EQ(late.size(), 1U);
  late.front()(true);
}

TEST_F(late_decision_test, connects_to_a_namespace_that_was_created_meanwhile) {
  server->of("/a");
  decisions.at(0)(true);
  EXPECT_THAT(client.take(), ElementsAre(StartsWith("0/a,{")));
  EXPECT_EQ(parent.child_count(), 0U);
}

TEST_F(late_decision_test, allows_no_other_packets_for_the_namespace) {
  for (const std::string packet : {"1/b,", R"(2/b,["x"])"}) {
    const test_client impatient = server.open();
    impatient.send("0/b,");
    impatient.send(packet);
    EXPECT_TRUE(impatient.closed()) << packet;
  }
}

TEST_F(late_decision_test, counts_as_a_namespace_of_the_client) {
  test_server small({.max_namespaces = 1});
  small->of([](std::string_view, const boost::json::object&, const decision&) {});
  const test_client guest = small.open();
  guest.send("0/a,");
  guest.send("0/b,");
  EXPECT_THAT(guest.take(), ElementsAre(R"(4/b,{"message":"Too many namespaces"})"));
  small.advance(milliseconds(45'000));
  EXPECT_TRUE(guest.closed()) << "no decision within connect_timeout";
}

TEST(parent_namespace, predicate_can_be_a_regular_expression) {
  test_server server;
  auto& parent = server->of(std::regex(R"(^/shop-\d+$)"));
  parent.on_connection([](const std::shared_ptr<socket>& s) { s->emit("welcome"); });
  const test_client client = server.open();
  client.send("0/shop-1,");
  EXPECT_THAT(client.take(), ElementsAre(StartsWith("0/shop-1,{"), R"(2/shop-1,["welcome"])"));
  EXPECT_EQ(send_and_take(client, "0/shop-x,"), R"(4/shop-x,{"message":"Invalid namespace"})");

  server->of("/shop-2");
  EXPECT_EQ(parent.child_count(), 2U) << "also if the application names the namespace first";
  client.send("0/shop-2,");
  EXPECT_THAT(client.take(), ElementsAre(StartsWith("0/shop-2,{"), R"(2/shop-2,["welcome"])"));
}

TEST(parent_namespace, predicate_may_add_parents) {
  test_server server;
  server->of([&](std::string_view, const boost::json::object&) {
    for (int i = 0; i < 10; ++i) server->of(is_dynamic);
    return false;
  });
  const test_client client = server.open();
  EXPECT_THAT(send_and_take(client, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
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
