#include "api/documents.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::api {
namespace {

using testing::HasSubstr;

struct documents_test : testing::Test {
  documents_test() {
    for (const auto* file : {"index.html", "page.js", "openapi.json", "api.md", "swagger-ui.css"})
      temporary.write(file, file);
  }

  void add() {
    add_documents([this](const auto&, const auto& path, auto handler) { routes[path] = std::move(handler); },
                  {folder / "openapi.json", folder, folder / "api.md", folder});
  }
  net::http_response get(const std::string& route, const std::string& path) {
    net::http_response out;
    routes.at(route)({{.method = "GET", .path = path}, {}},
                     [&out](net::http_response r) { out = std::move(r); });
    return out;
  }

  const temporary_folder temporary;
  const std::filesystem::path folder = temporary.path();
  std::map<std::string, net::http_handler> routes;
};

TEST_F(documents_test, serves_the_page_and_its_resources) {
  temporary.write("swagger-ui-bundle.js", "script");
  add();
  EXPECT_EQ(*get("/openapi.json", "/openapi.json").body, "openapi.json");
  EXPECT_EQ(*get("/docs/events.md", "/docs/events.md").body, "api.md");
  EXPECT_EQ(*get("/docs/*", "/docs/page.js").body, "page.js");
  EXPECT_EQ(*get("/docs/swagger-ui-bundle.js", "/docs/swagger-ui-bundle.js").body, "script");
}

TEST_F(documents_test, allows_only_the_scripts_of_this_server) {
  temporary.write("swagger-ui-bundle.js", "script");
  add();
  const auto page = get("/docs", "/docs");
  EXPECT_EQ(*page.body, "index.html");
  const auto policy =
      std::ranges::find(page.headers, "Content-Security-Policy", &std::pair<std::string, std::string>::first);
  ASSERT_NE(policy, page.headers.end());
  EXPECT_THAT(policy->second, HasSubstr("script-src 'self';"));
}

TEST_F(documents_test, redirects_to_the_canonical_address) {
  temporary.write("swagger-ui-bundle.js", "script");
  add();
  for (const auto* other : {"/docs/", "/docs/index.html"}) {
    const auto response = get(other, other);
    EXPECT_EQ(response.status, 308);
    EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Location", "../docs")));
  }
}

TEST_F(documents_test, the_error_names_the_missing_file) {
  EXPECT_THAT([this] { add(); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("swagger-ui-bundle.js")));
}

}  // namespace
}  // namespace emostream::api
