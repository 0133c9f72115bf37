#pragma once

#include <string>
#include <string_view>

#include "net/http/http_message.hpp"

namespace emostream::net {

/// Appends the headers as lines of a head.
void append_header_lines(std::string& out, const header_list& headers);

/// The status line and headers of an HTTP/1.1 answer, the blank line included. `more` are complete lines to
/// add.
std::string response_head(const http_response& response, bool keep_alive, std::string_view more);

}  // namespace emostream::net
