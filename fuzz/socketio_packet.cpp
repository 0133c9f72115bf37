// Messages of a Socket.IO connection, cut at each 0xFF; those that begin with 0xFE are binary.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "socketio/socketio_options.hpp"
#include "socketio/parser.hpp"

using namespace emostream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const socketio::options limits{.max_attachment_bytes = 1000, .max_json_depth = 8};
  const auto decoder = socketio::json_parser()->make_decoder(limits);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto end = rest.find('\xFF');
    std::string one(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const bool binary = one.starts_with('\xFE');
    if (!binary && !is_utf8(one)) break;  // as the transports look to
    if (!decoder->feed(binary ? message::bytes(one.substr(1)) : message::text(std::move(one)))) break;
  }
  return 0;
}
