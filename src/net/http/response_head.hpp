#pragma once

#include <string>
#include <string_view>

#include "net/http/http_message.hpp"

namespace emostream::net {

/// Appends the headers as lines, each ending in CR LF.
void append_header_lines(std::string& out, const header_list& headers);

/// The status line and headers of an HTTP/1.1 response, including the empty line. `extra_lines` are complete
/// header lines.
std::string response_head(const http_response& response, bool keep_alive, std::string_view extra_lines);

}  // namespace emostream::net
