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

// Converts between JSON values and MessagePack as written by notepack.io, which socket.io-msgpack-parser
// uses. When read, binary data becomes an attachment and its placeholder, `undefined` is omitted from objects
// and null in arrays, dates become strings in the format of JavaScript's toISOString(), NaN and infinities
// become null.

/// Reads a document sequentially and strictly, within the limits of attachments and nesting depth. After a
/// call has failed, error() is set and the reader must not be used any more.
class msgpack_reader {
 public:
  /// `bytes` and `limits` must outlive the reader.
  msgpack_reader(std::string_view bytes, const options& limits) : rest_(bytes), limits_(limits) {}

  /// Reads the header of a map: the number of members that follow, each a key() and a value().
  std::optional<std::size_t> map_size();
  std::optional<std::string_view> key();
  /// nullopt if it fails or the value is undefined.
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
  /// A big-endian number of `size` bytes.
  std::optional<std::uint64_t> take_number(std::size_t size);
  std::optional<unsigned char> take_tag();
  /// Whether the rest of the input is long enough for this many values and the pending ones, at one byte or
  /// more each.
  [[nodiscard]] bool can_hold(std::size_t values) const;
  outcome fail(std::error_code why);

  std::string_view rest_;
  const options& limits_;
  std::vector<shared_bytes> attachments_;
  std::size_t attached_bytes_ = 0;
  std::size_t values_ = 0;           ///< read so far
  std::size_t squared_members_ = 0;  ///< see max_squared_members
  std::size_t pending_values_ = 0;   ///< values not read yet of the arrays and maps being read
  std::error_code error_;
};

/// Appends `value`, with integers and lengths in their shortest encoding; doubles that are safe integers in
/// JavaScript, except -0, are written as integers. A placeholder of one of `attachments` is replaced by the
/// attachment. Strings that are not UTF-8 are written with U+FFFD in place of what is ill-formed.
void write_msgpack(std::string& out, const boost::json::value& value,
                   const std::vector<shared_bytes>& attachments);
void write_msgpack(std::string& out, std::string_view text);
void write_msgpack(std::string& out, std::uint64_t number);
/// Append the header of an array or map; `size` elements or members must follow.
void write_msgpack_array_header(std::string& out, std::size_t size);
void write_msgpack_map_header(std::string& out, std::size_t size);

}  // namespace emostream::socketio
