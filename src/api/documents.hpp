#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "net/http/http_message.hpp"

namespace emostream::api {

/// Where the documents that are served lie.
struct document_files {
  std::filesystem::path openapi;     ///< the OpenAPI document
  std::filesystem::path page;        ///< a folder: the page at /docs and what is its own
  std::filesystem::path events;      ///< Markdown, which the page shows beside the HTTP API
  std::filesystem::path swagger_ui;  ///< the folder of npm's swagger-ui-dist
};

using route_function = std::function<void(std::string method, std::string path, net::http_handler)>;

/// Serves /openapi.json, and /docs with all that it loads: it works without any other server. Throws
/// std::runtime_error that names what cannot be read.
void add_documents(const route_function& route, const document_files& files);

}  // namespace emostream::api
