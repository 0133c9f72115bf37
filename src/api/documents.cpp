#include "api/documents.hpp"

#include "net/http/static_files.hpp"

namespace emostream::api {

namespace {

/// The page loads from and connects to this server only, and cannot be framed. Swagger UI sets styles by
/// script and has data: URLs as icons.
constexpr auto* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page's links are relative to /docs, so that it works behind a proxy under another prefix; from /docs/
/// they would not resolve.
void redirect_to_page(const net::http_request&, net::http_responder respond) {
  respond({.status = 308, .headers = {{"Location", "../docs"}}});
}

}  // namespace

void add_documents(const route_function& route, const document_files& files) {
  route("GET", "/openapi.json", net::static_file(files.openapi));
  route("GET", "/docs", net::with_policy(net::static_file(files.page / "index.html"), content_policy));
  for (const auto* other : {"/docs/", "/docs/index.html"}) route("GET", other, redirect_to_page);
  route("GET", "/docs/*", net::static_folder("/docs/", files.page));
  route("GET", "/docs/events.md", net::static_file(files.events));
  for (const auto* file : {"swagger-ui-bundle.js", "swagger-ui.css"})
    route("GET", std::string("/docs/") + file, net::static_file(files.swagger_ui / file));
}

}  // namespace emostream::api
