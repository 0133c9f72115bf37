// Messages of a Socket.IO connection, separated by 0xFF; those that start with 0xFE are binary.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "socketio/parser.hpp"
#include "socketio/socketio_options.hpp"

using namespace emostream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const socketio::options limits{.max_attachment_bytes = 1000, .max_json_depth = 8};
  const auto decoder = socketio::json_parser()->make_decoder(limits);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto end = rest.find('\xFF');
    std::string text(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const bool binary = text.starts_with('\xFE');
    if (!binary && !is_utf8(text)) break;  // transports reject invalid UTF-8
    if (!decoder->feed(binary ? message::bytes(text.substr(1)) : message::text(std::move(text)))) break;
  }
  return 0;
}
