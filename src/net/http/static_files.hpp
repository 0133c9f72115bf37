#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "net/http/http_message.hpp"

namespace emostream::net {

/// The content type for the suffix of a file name; `application/octet-stream` if the suffix is unknown.
std::string_view content_type_of(std::string_view file_name);

/// Cache-Control for files that browsers must revalidate each time, so that a new release is used
/// immediately. Unchanged files get a 304.
inline constexpr std::string_view revalidate = "no-cache";

/// Serves one file with an ETag. The file is read now and kept in memory; text of at least 1 KiB is
/// also kept as br and gzip. Throws a std::runtime_error that names the file if it cannot be read.
http_handler static_file(const std::filesystem::path& file, std::string_view cache_control = revalidate);

/// Serves the files of a folder like static_file(), for a route that ends in `*`; `prefix` is the route
/// without the `*`: route("GET", "/web/*", static_folder("/web/", "web")). An `index.html` is also served for
/// its folder; unknown paths get a 404. Files and folders whose names begin with a dot, and symbolic links,
/// are skipped. Throws std::runtime_error.
http_handler static_folder(std::string prefix, const std::filesystem::path& folder);

/// Adds a Content-Security-Policy and `Referrer-Policy: no-referrer` to the responses of `files`.
http_handler with_policy(http_handler files, std::string content_policy);

}  // namespace emostream::net
