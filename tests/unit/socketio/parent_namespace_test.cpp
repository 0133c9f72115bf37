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

options removing() {
  options o;
  o.remove_empty_child_namespaces = true;
  return o;
}

bool is_dynamic(std::string_view name, const boost::json::object&) {
  return name.starts_with("/dynamic-");
}

std::string answer(const peer& p, const std::string& packet) {
  p.send(packet);
  const auto texts = p.take();
  return texts.empty() ? "" : texts.front();
}

TEST(parent_namespace, makes_children_with_its_middlewares_and_handlers) {
  world w;
  auto& parent = w->of(is_dynamic);
  std::string log;
  parent.use([&](const std::shared_ptr<socket>& s, const next& go_on) {
    log += "?" + s->nsp().name();
    go_on();
  });
  parent.on_connection([&](const std::shared_ptr<socket>& s) { log += "!" + s->nsp().name(); });
  const peer p = w.open();
  EXPECT_THAT(answer(p, "0/dynamic-1,"), StartsWith(R"(0/dynamic-1,{"sid":)"));
  EXPECT_EQ(answer(p, "0/other,"), R"(4/other,{"message":"Invalid namespace"})");
  EXPECT_EQ(log, "?/dynamic-1!/dynamic-1");
  const peer q = w.open();
  EXPECT_THAT(answer(q, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
  EXPECT_THAT(answer(q, "0/dynamic-2,"), StartsWith("0/dynamic-2,{"));
  EXPECT_EQ(parent.child_count(), 2U);

  parent.emit("n", 1);
  EXPECT_THAT(p.take(), ElementsAre(R"(2/dynamic-1,["n",1])"));
  EXPECT_THAT(q.take(), ElementsAre(R"(2/dynamic-1,["n",1])", R"(2/dynamic-2,["n",1])"));
}

TEST(parent_namespace, is_asked_in_turn_and_with_what_the_client_brought) {
  world w;
  w->of([](std::string_view, const boost::json::object&) -> bool { throw std::runtime_error("a bug"); });
  auto& second =
      w->of([](std::string_view, const boost::json::object& auth) { return auth.contains("key"); });
  auto& third = w->of(is_dynamic);
  w->of("/static");
  const peer p = w.open();
  EXPECT_THAT(answer(p, R"(0/a,{"key":1})"), StartsWith("0/a,{"));
  EXPECT_THAT(answer(p, R"(0/static,{"key":1})"), StartsWith("0/static,{"));
  EXPECT_THAT(answer(p, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
  EXPECT_EQ(second.child_count(), 1U);
  EXPECT_EQ(third.child_count(), 1U);
}

TEST(parent_namespace, keeps_empty_children_unless_told_otherwise) {
  world w;
  auto& parent = w->of(is_dynamic);
  const peer p = w.open();
  p.send("0/dynamic-1,");
  p.send("1/dynamic-1,");
  EXPECT_EQ(parent.child_count(), 1U);
}

TEST(parent_namespace, removes_a_child_with_its_last_socket) {
  world w(removing());
  auto& parent = w->of(is_dynamic);
  std::string farewell;
  std::shared_ptr<socket> kept;
  parent.on_connection([&](const std::shared_ptr<socket>& s) {
    kept = s;
    s->on_disconnect([&farewell, s = s.get()](disconnect_reason) { farewell += s->nsp().name(); });
  });
  const peer p = w.open();
  const peer q = w.open();
  p.send("0/dynamic-1,");
  q.send("0/dynamic-1,");
  p.send("1/dynamic-1,");
  EXPECT_EQ(parent.child_count(), 1U);
  q.connection->on_close("transport close");
  EXPECT_EQ(parent.child_count(), 0U);
  EXPECT_EQ(w->find("/dynamic-1"), nullptr);
  EXPECT_EQ(farewell, "/dynamic-1/dynamic-1");
  EXPECT_EQ(kept->nsp().name(), "/dynamic-1") << "a socket keeps its namespace";
  (void)p.take();
  EXPECT_THAT(answer(p, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
}

TEST(parent_namespace, takes_no_long_names) {
  world w;
  w->of(is_dynamic);
  const peer p = w.open();
  const std::string longest = "/dynamic-" + std::string(256 - 9, 'x');
  EXPECT_THAT(answer(p, "0" + longest + ","), StartsWith("0" + longest + ",{"));
  EXPECT_THAT(answer(p, "0" + longest + "x,"), EndsWith(R"({"message":"Invalid namespace"})"));
}

TEST(parent_namespace, removes_a_child_that_nobody_was_let_into) {
  world w;
  auto& parent = w->of(is_dynamic);
  std::optional<next> waiting;
  parent.use([&](const std::shared_ptr<socket>&, next go_on) { waiting = std::move(go_on); });
  const peer p = w.open();
  p.send("0/dynamic-1,");
  EXPECT_EQ(parent.child_count(), 1U) << "somebody is at the door";
  (*waiting)({"no"});
  EXPECT_EQ(parent.child_count(), 0U);
  EXPECT_THAT(p.take(), ElementsAre(R"(4/dynamic-1,{"message":"no"})"));
  p.send("0/dynamic-1,");
  p.connection->on_close("transport close");
  EXPECT_EQ(parent.child_count(), 0U);
  (*waiting)();
  EXPECT_THAT(p.take(), IsEmpty());
}

TEST(parent_namespace, does_not_remove_what_the_application_knows_by_name) {
  world w(removing());
  w->of(is_dynamic);
  const peer p = w.open();
  p.send("0/dynamic-1,");
  auto& known = w->of("/dynamic-1");
  p.send("1/dynamic-1,");
  EXPECT_EQ(w->find("/dynamic-1"), &known);
}

TEST(parent_namespace, has_only_so_many_children) {
  options o;
  o.max_child_namespaces = 1;
  world w(o);
  w->of(is_dynamic);
  const peer p = w.open();
  EXPECT_THAT(answer(p, "0/dynamic-1,"), StartsWith("0/dynamic-1,{"));
  EXPECT_EQ(answer(p, "0/dynamic-2,"), R"(4/dynamic-2,{"message":"Invalid namespace"})");
}

}  // namespace
}  // namespace emostream::socketio::test
