// Binary messages as Socket.IO packets in MessagePack. What is read is written again and read back: the
// same bytes.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "socketio/msgpack.hpp"
#include "socketio/socketio_options.hpp"
#include "socketio/parser.hpp"

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
  std::string and_again;
  socketio::write_msgpack(and_again, *same, back.attachments());
  if (and_again != again) std::abort();
  return 0;
}
