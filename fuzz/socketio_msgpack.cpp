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
  std::string written;
  socketio::write_msgpack(written, *value, in.attachments());
  socketio::msgpack_reader back(written, limits);
  const auto value_again = back.value();
  if (!value_again || !back.done()) std::abort();
  std::string written_again;
  socketio::write_msgpack(written_again, *value_again, back.attachments());
  if (written_again != written) std::abort();
  return 0;
}
