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

/// Makes packets of the messages of one connection. After an error the connection is to be closed; its
/// further messages mean nothing.
class decoder {
 public:
  virtual ~decoder() = default;
  /// The packet that `m` completes; nullopt while attachments are missing.
  virtual result<std::optional<packet>> feed(const incoming_message& m) = 0;
};

/// An event that is to be sent.
struct outgoing_event {
  std::string_view nsp;  ///< the namespace as the receiver calls it
  std::string_view name;
  const arguments& args;
  std::optional<std::uint64_t> id = std::nullopt;  ///< if an acknowledgement is asked for
  std::string_view offset = {};  ///< if not empty: one more argument, see recovery in options.hpp
};

/// How packets are written: both ends of a connection must agree on one. Shared by all clients of a hub. I/O
/// thread only.
class parser {
 public:
  virtual ~parser() = default;

  /// For one connection; `limits` must outlive it.
  [[nodiscard]] virtual std::unique_ptr<decoder> make_decoder(const options& limits) const = 0;

  /// Throws std::invalid_argument for more than max_encoded_attachments, as does encode_ack().
  [[nodiscard]] virtual encoded_packet encode_event(const outgoing_event& event) const = 0;
  [[nodiscard]] virtual encoded_packet encode_ack(std::string_view nsp, std::uint64_t id,
                                                  const arguments& answer) const = 0;
  /// `pid` is empty where connections are not recovered.
  [[nodiscard]] virtual encoded_packet encode_connect(std::string_view nsp, std::string_view sid,
                                                      std::string_view pid) const = 0;
  /// `data` may be null.
  [[nodiscard]] virtual encoded_packet encode_connect_error(std::string_view nsp, std::string_view message,
                                                            const boost::json::value* data) const = 0;
  [[nodiscard]] virtual encoded_packet encode_disconnect(std::string_view nsp) const = 0;
};

/// The parser that Socket.IO has by default: JSON, attachments beside it.
std::shared_ptr<const parser> json_parser();
/// What clients of Socket.IO 2 (its protocol 4) expect: JSON, but a CONNECT has its auth as a query behind
/// the namespace's name and is answered without an id, and an error is any value.
std::shared_ptr<const parser> v2_parser();
/// That of npm's socket.io-msgpack-parser: a packet is one binary message, attachments included. See
/// msgpack.hpp for what its values become.
std::shared_ptr<const parser> msgpack_parser();

}  // namespace emostream::socketio
