#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "net/http/http_message.hpp"

namespace emostream::net {

/// The content type that a file's name promises; `application/octet-stream` if nothing is known of it.
std::string_view content_type_of(std::string_view file_name);

/// A Cache-Control: asked for again each time, and answered 304 unless it changed, so that a new release is
/// seen at once.
inline constexpr std::string_view check_again = "no-cache";

/// Serves one file, read now and kept in memory, with an ETag (304 for who has it); text also as br and gzip,
/// compressed now. Throws std::runtime_error that names the file if it cannot be read.
http_handler static_file(const std::filesystem::path& file, std::string_view cache_control = check_again);

/// Serves the files of a folder, each as static_file() does; for a route that ends in `*`, given its
/// `prefix`: route("GET", "/web/*", static_folder("/web/", "web")). `index.html` answers for the folder
/// itself, anything else unknown is a 404. Dot files are left out and links are not followed. Throws
/// std::runtime_error.
http_handler static_folder(std::string prefix, const std::filesystem::path& folder);

/// For the files of a page: browsers keep it to that Content-Security-Policy, and it tells nobody where it
/// is.
http_handler with_policy(http_handler files, std::string content_policy);

}  // namespace emostream::net
