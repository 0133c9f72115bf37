#include "net/static_files.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include <openssl/evp.h>

namespace emostream::net {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 20> content_types{{
    {".css", "text/css; charset=utf-8"},
    {".gif", "image/gif"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".md", "text/markdown; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".xml", "application/xml"},
}};

struct cached_file {
  shared_bytes content;
  std::string_view content_type;
  std::string etag;
};

std::string etag_of(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
  std::string etag = "\"";
  for (std::size_t i = 0; i < 12; ++i)
    for (const auto nibble : {digest[i] >> 4, digest[i] & 15}) etag += "0123456789abcdef"[nibble];
  return etag += '"';
}

cached_file read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error("cannot read " + file.string());
  auto etag = etag_of(content);
  return {std::make_shared<const std::string>(std::move(content)), content_type_of(file.filename().string()),
          std::move(etag)};
}

http_response answer(const cached_file& file, const request_head& head) {
  http_response response = http_response::of(200, std::string(file.content_type), file.content);
  // Asked for again each time, and answered 304 unless it changed: a new release is seen at once.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("ETag", file.etag);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  const auto known = head.header("if-none-match");
  if (known && (*known == "*" || known->contains(file.etag))) {
    response.status = 304;
    response.body = nullptr;
  }
  return response;
}

}  // namespace

std::string_view content_type_of(std::string_view file_name) {
  for (const auto& [suffix, type] : content_types)
    if (file_name.ends_with(suffix)) return type;
  return "application/octet-stream";
}

http_handler static_file(const fs::path& file) {
  return [cached = read_file(file)](http_request request, http_responder respond) {
    respond(answer(cached, request.head));
  };
}

http_handler static_folder(std::string prefix, const fs::path& folder) {
  std::map<std::string, cached_file, std::less<>> files;
  if (!fs::is_directory(folder)) throw std::runtime_error("not a folder: " + folder.string());
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator(); ++it) {
    if (it->path().filename().string().starts_with('.') || it->is_symlink()) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      auto name = prefix + it->path().lexically_relative(folder).generic_string();
      auto file = read_file(it->path());
      if (it->path().filename() == "index.html")
        files.emplace(name.substr(0, name.size() - std::string_view("index.html").size()), file);
      files.emplace(std::move(name), std::move(file));
    }
  }
  return [files = std::move(files)](http_request request, http_responder respond) {
    const auto it = files.find(request.head.path);
    respond(it == files.end() ? http_response::error(404, "Not found") : answer(it->second, request.head));
  };
}

}  // namespace emostream::net
