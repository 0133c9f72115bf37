#include "net/http/static_files.hpp"

#include <filesystem>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::net {
namespace {

namespace fs = std::filesystem;

struct static_files_test : testing::Test {
  const temporary_folder temporary;
  const fs::path folder = temporary.path();

  static_files_test() {
    write("index.html", "<p>");
    write("a.js", "alert(1)");
    write("sub/b.json", "{}");
    write("sub/index.html", "<i>");
    write(".secret", "no");
    write(".git/c.txt", "no");
    fs::create_symlink("/etc/passwd", folder / "link.txt");
  }

  void write(const fs::path& name, std::string_view content) const { temporary.write(name, content); }
  static http_response get(const http_handler& handler, std::string path, std::string if_none_match = "",
                           std::string accept = "") {
    http_response response;
    http_request request;
    request.head.path = std::move(path);
    if (!if_none_match.empty()) request.head.headers.emplace_back("if-none-match", std::move(if_none_match));
    if (!accept.empty()) request.head.headers.emplace_back("accept-encoding", std::move(accept));
    handler(std::move(request), [&](http_response r) { response = std::move(r); });
    return response;
  }
  static std::string header(const http_response& r, std::string_view name) {
    for (const auto& [key, value] : r.headers)
      if (key == name) return value;
    return {};
  }
};

TEST_F(static_files_test, serves_a_folder) {
  const auto handler = static_folder("/web/", folder);
  const auto a = get(handler, "/web/a.js");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(*a.body, "alert(1)");
  EXPECT_EQ(header(a, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(*get(handler, "/web/").body, "<p>");
  EXPECT_EQ(*get(handler, "/web/index.html").body, "<p>");
  EXPECT_EQ(*get(handler, "/web/sub/b.json").body, "{}");
  EXPECT_EQ(*get(handler, "/web/sub/").body, "<i>");
}

TEST_F(static_files_test, does_not_serve_hidden_linked_or_unknown_files) {
  const auto handler = static_folder("/web/", folder);
  for (const auto* path : {"/web/none", "/web", "/web/.secret", "/web/.git/c.txt", "/web/link.txt",
                           "/web/../web/a.js", "/web//a.js", "/web/sub"})
    EXPECT_EQ(get(handler, path).status, 404) << path;
}

TEST_F(static_files_test, responds_304_to_a_matching_etag) {
  const auto handler = static_file(folder / "a.js");
  const auto first = get(handler, "/whatever");
  const auto etag = header(first, "ETag");
  EXPECT_EQ(etag.size(), 26U);
  for (const auto& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const auto again = get(handler, "/whatever", known);
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, nullptr);
    EXPECT_EQ(header(again, "ETag"), etag);
  }
  EXPECT_EQ(get(handler, "/whatever", "\"other\"").status, 200);
  EXPECT_EQ(first.body, get(handler, "/whatever").body) << "the content is neither read again nor copied";
}

TEST_F(static_files_test, compares_each_etag_of_a_list_weakly) {
  const auto handler = static_file(folder / "a.js");
  const auto etag = header(get(handler, "/"), "ETag");
  const auto bare = etag.substr(1, etag.size() - 2);
  for (const auto& known : {"\"a\",W/" + etag, "\"a,b\" , " + etag + ",\"c\"", etag + "\""})
    EXPECT_EQ(get(handler, "/", known).status, 304) << known;
  for (const auto& known :
       {bare, "\"x" + etag, std::string("\""), std::string("\"\""), "W/" + bare, "\"" + bare})
    EXPECT_EQ(get(handler, "/", known).status, 200) << known;
}

TEST_F(static_files_test, compresses_text_if_the_client_accepts_it) {
  const std::string text(5000, 'x');
  write("big.js", text);
  write("big.png", text);
  const auto handler = static_folder("/", folder);
  const auto plain = get(handler, "/big.js");
  EXPECT_EQ(*plain.body, text);
  EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  std::set<std::string> etags{header(plain, "ETag")};
  for (const auto* coding : {"br", "gzip"}) {
    const auto encoded = get(handler, "/big.js", "", coding);
    EXPECT_EQ(header(encoded, "Content-Encoding"), coding);
    EXPECT_EQ(header(encoded, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header(encoded, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_LT(encoded.body->size(), 200U);
    const auto etag = header(encoded, "ETag");
    EXPECT_TRUE(etags.insert(etag).second) << "each encoding needs its own ETag";
    EXPECT_EQ(get(handler, "/big.js", etag, coding).status, 304);
    EXPECT_EQ(get(handler, "/big.js", etag).status, 200);
  }
  EXPECT_EQ(header(get(handler, "/big.js", "", "gzip, br"), "Content-Encoding"), "br");
  for (const auto* other : {"/big.png", "/a.js"}) {
    EXPECT_EQ(header(get(handler, other, "", "gzip, br"), "Content-Encoding"), "") << other;
    EXPECT_EQ(header(get(handler, other, "", "gzip, br"), "Vary"), "") << other;
  }
}

TEST_F(static_files_test, sends_cache_control) {
  EXPECT_EQ(header(get(static_file(folder / "a.js"), "/"), "Cache-Control"), "no-cache");
  EXPECT_EQ(header(get(static_file(folder / "a.js", "max-age=9"), "/"), "Cache-Control"), "max-age=9");
}

TEST_F(static_files_test, throws_if_the_file_is_missing) {
  EXPECT_THROW(static_file(folder / "none"), std::runtime_error);
  EXPECT_THROW(static_folder("/", folder / "none"), std::runtime_error);
}

TEST(content_type_of, depends_on_the_suffix) {
  EXPECT_EQ(content_type_of("a/b.html"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("socket.io.esm.min.js.map"), "application/json");
  EXPECT_EQ(content_type_of("model.onnx"), "application/octet-stream");
  EXPECT_EQ(content_type_of(""), "application/octet-stream");
}

}  // namespace
}  // namespace emostream::net
