#include "socketio/middleware.hpp"

#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;

TEST(middleware, rejects_with_an_object_in_braces) {
  test_server server({.max_rejected_connects = 100});
  int step = 0;
  server.root().use([&](const std::shared_ptr<socket>&, const next& proceed) {
    const std::string text = "text";
    switch (step++) {
      case 0:
        return proceed({"no", {{"hint", "x"}}});
      case 1:
        return proceed({"no", {{{"hint", "x"}}}});
      case 2:
        return proceed({"no", text});
      case 3:
        return proceed({"no", {}});
      case 4:
        return proceed({.message = "no", .data = std::nullopt});
      case 5:
        return proceed({"no", std::optional<boost::json::value>(7)});
      default:
        return proceed({"no", std::optional<boost::json::value>()});
    }
  });
  const test_client client = server.open();
  for (int i = 0; i < 7; ++i) client.send("0");
  EXPECT_THAT(
      client.take(),
      ElementsAre(R"(4{"message":"no","data":{"hint":"x"}})", R"(4{"message":"no","data":{"hint":"x"}})",
                  R"(4{"message":"no","data":"text"})", R"(4{"message":"no"})", R"(4{"message":"no"})",
                  R"(4{"message":"no","data":7})", R"(4{"message":"no"})"));
}

TEST(middleware, may_add_middlewares_for_later_sockets) {
  test_server server;
  std::string called;
  server.root().use([&, name = std::string(100, 'a')](const std::shared_ptr<socket>&, const next& proceed) {
    for (int i = 0; i < 10; ++i)
      server.root().use([&](const std::shared_ptr<socket>&, const next& n) {
        called += 'b';
        n();
      });
    called += name.substr(99);
    proceed();
  });
  const test_client first = server.join();
  EXPECT_EQ(called, "a");
  const test_client later = server.join();
  EXPECT_EQ(called, "aabbbbbbbbbb");
}

}  // namespace
}  // namespace emostream::socketio::test
