#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/json/value.hpp>

#include "base/message.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {

// MessagePack as notepack.io writes it, which is what socket.io-msgpack-parser uses, as JSON values: binary
// data become attachments and the placeholders of them, `undefined` is left out of objects and null in
// arrays, dates are strings as JavaScript's toISOString() gives them, NaN and infinities are null.

/// Reads a document from its start to its end, strictly and within the limits of attachments and of depth.
/// Once a call has failed, error() says why and the rest means nothing.
class msgpack_reader {
 public:
  /// Both must outlive it.
  msgpack_reader(std::string_view bytes, const options& limits) : rest_(bytes), limits_(limits) {}

  /// How many members the map has that is next; each is a key() and a value().
  std::optional<std::size_t> map();
  std::optional<std::string_view> key();
  /// Nothing if it fails, or if the value is undefined.
  std::optional<boost::json::value> value();

  [[nodiscard]] bool done() const { return rest_.empty(); }
  /// The attachments of all values read so far.
  [[nodiscard]] std::vector<shared_bytes>& attachments() { return attachments_; }
  [[nodiscard]] std::error_code error() const { return error_; }

 private:
  enum class outcome { value, undefined, failed };

  outcome read(boost::json::value& out, std::size_t depth);
  outcome read_array(boost::json::value& out, std::size_t size, std::size_t depth);
  outcome read_map(boost::json::value& out, std::size_t size, std::size_t depth);
  outcome read_string(boost::json::value& out, std::size_t size);
  outcome read_attachment(boost::json::value& out, std::size_t size);
  outcome read_extension(boost::json::value& out, unsigned char tag, std::size_t size);
  outcome read_time(boost::json::value& out, std::string_view bytes);
  outcome read_number(boost::json::value& out, unsigned char tag);

  std::optional<std::string_view> take(std::size_t size);
  /// A big-endian number of so many bytes.
  std::optional<std::uint64_t> take_number(std::size_t size);
  std::optional<unsigned char> take_tag();
  /// Whether so many values more can follow: each takes a byte, as do those that are still owed.
  [[nodiscard]] bool room_for(std::size_t values) const;
  outcome fail(std::error_code why);

  std::string_view rest_;
  const options& limits_;
  std::vector<shared_bytes> attachments_;
  std::size_t attached_bytes_ = 0;
  std::size_t owed_ = 0;  ///< values that the arrays and maps being read have announced
  std::error_code error_;
};

/// Appends `value` in the fewest bytes, numbers without a fraction as integers; a placeholder of one of
/// `attachments` becomes the bytes that it stands for.
void write_msgpack(std::string& out, const boost::json::value& value,
                   const std::vector<shared_bytes>& attachments);
void write_msgpack(std::string& out, std::string_view text);
void write_msgpack(std::string& out, std::uint64_t number);
/// What so many elements, or keys and values, are to follow.
void write_msgpack_array(std::string& out, std::size_t size);
void write_msgpack_map(std::string& out, std::size_t size);

}  // namespace emostream::socketio
