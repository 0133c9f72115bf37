#include "socketio/middleware.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

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
