// Socket.IO packets in MessagePack. Values are read, written, read and written again; both outputs must be
// equal.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "socketio/msgpack.hpp"
#include "socketio/parser.hpp"
#include "socketio/socketio_options.hpp"

using namespace emostream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const socketio::options limits{.max_attachment_bytes = 1000, .max_json_depth = 8};
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto decoder = socketio::msgpack_parser()->make_decoder(limits);
  (void)decoder->feed(message::bytes(bytes));

  socketio::msgpack_reader in(bytes, limits);
  const auto value = in.value();
  if (!value) return 0;
  if (in.attachments().size() > limits.max_attachments) std::abort();
  std::string again;
  socketio::write_msgpack(again, *value, in.attachments());
  socketio::msgpack_reader back(again, limits);
  const auto same = back.value();
  if (!same || !back.done()) std::abort();
  std::string third;
  socketio::write_msgpack(third, *same, back.attachments());
  if (third != again) std::abort();
  return 0;
}
