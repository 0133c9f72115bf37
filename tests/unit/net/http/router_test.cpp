#include "net/http/router.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

struct router_test : testing::Test {
  router routes;
  std::string called;

  void add(std::string method, const std::string& path) {
    routes.add(std::move(method), path, [this, path](const request_head&) {
      called = path;
      return plan::answer{};
    });
  }
  /// The path of the matching route, "404", or "405" and the allowed methods.
  std::string find(std::string_view method, std::string_view path) {
    const auto found = routes.find(method, path);
    if (const auto* disallowed = std::get_if<router::method_not_allowed>(&found))
      return "405 " + disallowed->allow;
    if (std::holds_alternative<router::not_found>(found)) return "404";
    (*std::get<const request_planner*>(found))({});
    return called;
  }
};

TEST_F(router_test, prefers_exact_routes_then_the_longest_prefix) {
  for (const auto* path : {"/a", "/*", "/a/*", "/a/b", "/a/b/*"}) add("GET", path);
  EXPECT_EQ(find("GET", "/a"), "/a");
  EXPECT_EQ(find("GET", "/a/b"), "/a/b");
  EXPECT_EQ(find("GET", "/a/b/c/d"), "/a/b/*");
  EXPECT_EQ(find("GET", "/a/c"), "/a/*");
  EXPECT_EQ(find("GET", "/a/"), "/a/*");
  EXPECT_EQ(find("GET", "/ab"), "/*");
  EXPECT_EQ(find("GET", "/"), "/*");
}

TEST_F(router_test, distinguishes_unknown_paths_from_disallowed_methods) {
  add("GET", "/a");
  add("POST", "/a");
  add("PUT", "/b");
  EXPECT_EQ(find("POST", "/a"), "/a");
  EXPECT_EQ(find("HEAD", "/a"), "/a");
  EXPECT_EQ(find("DELETE", "/a"), "405 GET, HEAD, POST");
  EXPECT_EQ(find("HEAD", "/b"), "405 PUT");
  EXPECT_EQ(find("GET", "/c"), "404");
  EXPECT_EQ(find("GET", "/a/"), "404");
  add("GET", "/d");
  add("HEAD", "/d");
  EXPECT_EQ(find("PUT", "/d"), "405 GET, HEAD");
}

TEST_F(router_test, rejects_invalid_and_duplicate_routes) {
  add("GET", "/a");
  for (const auto* path : {"", "a", "/a*", "/*/a", "/a/**", "*"})
    EXPECT_THROW(add("GET", path), std::invalid_argument) << path;
  EXPECT_THROW(add("GET", "/a"), std::invalid_argument);
}

TEST_F(router_test, says_what_is_wrong_with_a_path) {
  const auto error_of = [this](const std::string& path) -> std::string {
    try {
      add("GET", path);
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "none";
  };
  EXPECT_EQ(error_of("a/b"), R"(the path of a route must begin with a slash: "a/b")");
  EXPECT_EQ(error_of("/a*"), "the path of a route may contain * only as its last segment: /a*");
}

}  // namespace
}  // namespace emostream::net
