#include "net/http/static_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "net/http/content_coding.hpp"

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

/// The content of a file in one coding. Each coding has its own ETag (RFC 9110 section 8.8.3).
struct variant {
  content_coding coding;
  shared_bytes content;
  std::string etag;
};

struct cached_file {
  std::string_view content_type;
  std::string cache_control;
  std::vector<variant> variants;  // identity first, then in order of preference
};

/// Smaller files are not compressed: they fit into one packet.
constexpr std::size_t min_compressed = 1024;

bool is_text(std::string_view content_type) {
  return content_type.starts_with("text/") || content_type.starts_with("image/svg") ||
         content_type.ends_with("json") || content_type.ends_with("xml");
}

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

cached_file read_file(const fs::path& file, std::string_view cache_control) {
  std::ifstream in(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error("cannot read " + file.string());
  cached_file cached{content_type_of(file.filename().string()), std::string(cache_control), {}};
  const auto add = [&cached](content_coding coding, std::string bytes) {
    auto etag = etag_of(bytes);
    cached.variants.push_back(
        {coding, std::make_shared<const std::string>(std::move(bytes)), std::move(etag)});
  };
  const bool compress = is_text(cached.content_type) && content.size() >= min_compressed;
  auto brotli = compress ? encode_brotli(content) : std::string();
  auto gzip = compress ? encode_gzip(content) : std::string();
  add(content_coding::identity, std::move(content));
  if (compress) add(content_coding::br, std::move(brotli));
  if (compress) add(content_coding::gzip, std::move(gzip));
  return cached;
}

/// True if an If-None-Match header is `*` or contains the entity tag, by weak comparison (RFC 9110 section
/// 13.1.2).
bool matches(std::string_view list, std::string_view etag) {
  if (list == "*") return true;
  while (true) {
    const auto begin = list.find('"');
    const auto end = begin == std::string_view::npos ? begin : list.find('"', begin + 1);
    if (end == std::string_view::npos) return false;
    if (list.substr(begin, end + 1 - begin) == etag) return true;
    list.remove_prefix(end + 1);
  }
}

const variant& choose(const cached_file& file, const request_head& head) {
  static constexpr std::array ours{content_coding::br, content_coding::gzip};
  const auto coding = file.variants.size() > 1 ? choose_coding(head, ours) : content_coding::identity;
  return *std::ranges::find(file.variants, coding, &variant::coding);
}

http_response response_for(const cached_file& file, const request_head& head) {
  const auto& chosen = choose(file, head);
  http_response response = http_response::of(200, std::string(file.content_type), chosen.content);
  response.headers.emplace_back("Cache-Control", file.cache_control);
  response.headers.emplace_back("ETag", chosen.etag);
  if (file.variants.size() > 1) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (chosen.coding != content_coding::identity)
    response.headers.emplace_back("Content-Encoding", to_string(chosen.coding));
  if (const auto known = head.header("if-none-match"); known && matches(*known, chosen.etag)) {
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

http_handler static_file(const fs::path& file, std::string_view cache_control) {
  return [cached = read_file(file, cache_control)](http_request request, http_responder respond) {
    respond(response_for(cached, request.head));
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
      auto file = read_file(it->path(), revalidate);
      if (it->path().filename() == "index.html")
        files.emplace(name.substr(0, name.size() - std::string_view("index.html").size()), file);
      files.emplace(std::move(name), std::move(file));
    }
  }
  return [files = std::move(files)](http_request request, http_responder respond) {
    const auto it = files.find(request.head.path);
    respond(it == files.end() ? http_response::error(404, "Not found")
                              : response_for(it->second, request.head));
  };
}

http_handler with_policy(http_handler files, std::string content_policy) {
  return [files = std::move(files), policy = std::move(content_policy)](http_request request,
                                                                        http_responder respond) {
    files(std::move(request), [respond = std::move(respond), policy](http_response response) mutable {
      response.headers.emplace_back("Content-Security-Policy", policy);
      response.headers.emplace_back("Referrer-Policy", "no-referrer");
      respond(std::move(response));
    });
  };
}

}  // namespace emostream::net
