#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/message.hpp"
#include "base/result.hpp"
#include "socketio/packet.hpp"

namespace emostream::socketio {

struct options;

/// Decodes the messages of one connection into packets. After an error the connection must be closed and the
/// decoder not used any more.
class decoder {
 public:
  virtual ~decoder() = default;
  /// Returns the packet that `m` completes; nullopt while attachments are missing.
  virtual result<std::optional<packet>> feed(const incoming_message& m) = 0;
  /// The packet whose attachments are missing; null if there is none.
  [[nodiscard]] virtual const packet* incomplete() const { return nullptr; }
};

/// An event to encode.
struct outgoing_event {
  std::string_view nsp;  ///< the namespace's name as the receiver knows it
  std::string_view name;
  const arguments& args;
  std::optional<std::uint64_t> id = std::nullopt;  ///< set if an acknowledgement is requested
  std::string_view offset = {};  ///< if not empty, an additional last argument; see recovery_options
};

/// A packet encoding, which server and clients must agree on. Shared by clients. I/O thread only.
class parser {
 public:
  virtual ~parser() = default;

  /// Makes a decoder for one connection. `limits` must outlive it.
  [[nodiscard]] virtual std::unique_ptr<decoder> make_decoder(const options& limits) const = 0;

  /// Throws std::invalid_argument for more than max_encoded_attachments attachments, as does encode_ack().
  [[nodiscard]] virtual encoded_packet encode_event(const outgoing_event& event) const = 0;
  [[nodiscard]] virtual encoded_packet encode_ack(std::string_view nsp, std::uint64_t id,
                                                  const arguments& answer) const = 0;
  /// An empty `pid` is omitted.
  [[nodiscard]] virtual encoded_packet encode_connect(std::string_view nsp, std::string_view sid,
                                                      std::string_view pid) const = 0;
  /// `data` may be null.
  [[nodiscard]] virtual encoded_packet encode_connect_error(std::string_view nsp, std::string_view message,
                                                            const boost::json::value* data) const = 0;
  [[nodiscard]] virtual encoded_packet encode_disconnect(std::string_view nsp) const = 0;
};

/// The default parser of Socket.IO: JSON text, with attachments as separate messages.
std::shared_ptr<const parser> json_parser();
/// The parser for Socket.IO 2 clients (protocol version 4). Differs from json_parser() in three points: a
/// client's CONNECT carries `auth` as a query after the namespace (`/chat?token=abc`), the response to it has
/// no `sid` or `pid`, and the payload of CONNECT_ERROR is `data`, or `message` if `data` is null.
std::shared_ptr<const parser> v2_parser();
/// The encoding of npm's socket.io-msgpack-parser: a packet is one binary message that includes its
/// attachments. msgpack.hpp describes how values are converted.
std::shared_ptr<const parser> msgpack_parser();

}  // namespace emostream::socketio
