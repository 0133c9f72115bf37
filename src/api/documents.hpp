#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "net/http/http_message.hpp"

namespace emostream::api {

/// The files and folders of the served documents.
struct document_files {
  std::filesystem::path openapi;     ///< the OpenAPI document
  std::filesystem::path page;        ///< folder of the page at /docs and its scripts and styles
  std::filesystem::path events;      ///< Markdown; the page shows it below the HTTP API
  std::filesystem::path swagger_ui;  ///< folder of the npm package swagger-ui-dist
};

using route_function = std::function<void(std::string method, std::string path, net::http_handler)>;

/// Adds routes for /openapi.json and for /docs with everything that the page loads, so that it needs no other
/// server. Throws std::runtime_error with the name of a file that cannot be read.
void add_documents(const route_function& route, const document_files& files);

}  // namespace emostream::api
