#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class connection_test : public service_test {
 protected:
  connection_test() : service_test({.account = {.max_connections = 2}}) {}

  /// Connects with that auth payload and returns the data of the CONNECT_ERROR, or "not rejected".
  json::value connect_error(std::string_view auth, const std::string& name = nsp) {
    test_client c(hub, name);
    c.connect(auth);
    const auto sent = c.take();
    if (sent.size() != 1 || sent[0].type != '4') return "not rejected";
    EXPECT_EQ(sent[0].nsp, name);
    return sent[0].data;
  }
};

const json::value required =
    json::parse(R"({"message":"Authentication required","data":{"code":"AUTH_REQUIRED"}})");
const json::value failed =
    json::parse(R"({"message":"Authentication failed","data":{"code":"AUTH_FAILED"}})");
const json::value expired =
    json::parse(R"({"message":"Authentication failed","data":{"code":"TOKEN_EXPIRED"}})");

TEST_F(connection_test, requires_a_token) {
  for (const std::string_view auth :
       {"", "{}", R"({"token":null})", R"({"token":""})", R"({"user":"alice"})"}) {
    EXPECT_EQ(connect_error(auth), required) << auth;
    EXPECT_EQ(connect_error(auth, alias), required) << auth;
  }
}

TEST_F(connection_test, rejects_tokens_that_do_not_verify) {
  for (const std::string_view auth :
       {R"({"token":"x"})", R"({"token":42})", R"({"token":{"a":[]}})", R"({"token":"a.b.c"})"})
    EXPECT_EQ(connect_error(auth), failed) << auth;
  const auth::token_authority other({.secret = std::string(32, 'x'), .issuer = {}, .audience = {}});
  EXPECT_EQ(connect_error(R"({"token":")" + other.sign("alice", wall(), std::chrono::hours(1)) + "\"}"),
            failed);
}

class explained_connection_test : public service_test {
 protected:
  explained_connection_test() : service_test({.explain_token_errors = true}) {}
};

TEST_F(explained_connection_test, tells_why_a_token_is_rejected) {
  const auth::token_authority other({.secret = std::string(32, 'x'), .issuer = {}, .audience = {}});
  const std::pair<std::string, const char*> tokens_and_reasons[]{
      {"x", "Authentication failed: not a valid JSON Web Token"},
      {other.sign("alice", wall(), std::chrono::hours(1)),
       "Authentication failed: signature does not verify"},
      {tokens.sign("alice", wall(), std::chrono::hours(-2)), "Authentication failed: token has expired"}};
  for (const auto& [token, message] : tokens_and_reasons) {
    test_client c(hub, nsp);
    c.connect(R"({"token":")" + token + "\"}");
    EXPECT_EQ(c.take().at(0).data.at("message"), message);
  }
}

TEST_F(connection_test, reports_expired_tokens_as_such) {
  const std::string auth = token("alice", std::chrono::seconds(60));
  now_ms = 90'000;
  EXPECT_EQ(connect_error(auth), expired);
  EXPECT_EQ(app.stats().since_start.rejected_connections["TOKEN_EXPIRED"], 1U);
}

TEST_F(connection_test, accepts_connections_on_the_namespace_and_its_alias) {
  const auto a = connected("alice", nsp);
  const auto b = connected("alice", alias);
  EXPECT_EQ(app.stats().sessions, 2U);
  EXPECT_EQ(app.stats().accounts, 1U);
  EXPECT_EQ(app.stats().since_start.sessions_opened, 2U);
}

TEST_F(connection_test, limits_the_connections_of_an_account) {
  const auto first = connected("alice", nsp);
  auto second = connected("alice", alias);
  EXPECT_EQ(
      connect_error(token("alice")),
      json::parse(
          R"({"message":"Too many connections for this account","data":{"code":"CONNECTION_LIMIT","limit":2}})"));
  const auto other = connected("bob");
  second->disconnect();
  const auto third = connected("alice");
}

TEST_F(connection_test, disconnects_when_the_token_expires) {
  const auto c = std::make_unique<test_client>(hub, nsp);
  c->connect(token("alice", std::chrono::seconds(60)));
  const auto valid = connected("bob");
  c->take();

  now_ms = 89'999;
  app.check_timeouts();
  EXPECT_TRUE(c->take().empty());
  now_ms = 90'000;
  app.check_timeouts();
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(0), "error_message");
  EXPECT_EQ(sent[0].data.at(1),
            json::parse(
                R"({"code":401,"message":"Token expired","timestamp":1700000090,"reason":"token_expired"})"));
  EXPECT_EQ(sent[1].type, '1');
  EXPECT_EQ(app.stats().sessions, 1U);
  EXPECT_TRUE(valid->take().empty());
  app.check_timeouts();
  EXPECT_TRUE(c->take().empty());
}

TEST_F(connection_test, a_disconnected_session_is_removed_with_its_rooms) {
  auto c = connected();
  c->emit("join_room", "\"lobby\"");
  EXPECT_EQ(app.stats().rooms, 1U);
  c->disconnect();
  EXPECT_EQ(app.stats().sessions, 0U);
  EXPECT_EQ(app.stats().accounts, 0U);
  EXPECT_EQ(app.stats().rooms, 0U);
}

TEST_F(connection_test, rejected_and_closed_connections_do_not_count) {
  for (int i = 0; i < 5; ++i) connect_error(R"({"token":"x"})");
  const auto first = connected("alice");
  for (int i = 0; i < 5; ++i) {
    auto second = connected("alice");
  }
  EXPECT_EQ(app.stats().sessions, 1U);
}

}  // namespace
}  // namespace emostream::service
