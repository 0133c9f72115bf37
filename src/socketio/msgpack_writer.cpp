#include <bit>
#include <cmath>
#include <limits>

#include "base/utf8.hpp"
#include "socketio/msgpack.hpp"
#include "socketio/packet.hpp"
#include "socketio/placeholder.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

void append(std::string& out, unsigned tag) {
  out.push_back(static_cast<char>(tag));
}

/// Appends the tag and the number as `size` big-endian bytes.
void append(std::string& out, unsigned tag, std::uint64_t number, unsigned size) {
  append(out, tag);
  while (size > 0) append(out, static_cast<unsigned>(number >> 8 * --size & 0xFF));
}

/// Appends a tag and a length of one, two or four bytes; `first` is the tag for one byte.
void append_length(std::string& out, unsigned first, std::size_t length) {
  if (length < 0x100)
    append(out, first, length, 1);
  else if (length < 0x10000)
    append(out, first + 1, length, 2);
  else
    append(out, first + 2, length, 4);
}

void write_signed(std::string& out, std::int64_t number) {
  if (number >= 0) return write_msgpack(out, static_cast<std::uint64_t>(number));
  const auto bits = static_cast<std::uint64_t>(number);
  if (number >= -0x20)
    append(out, static_cast<unsigned>(bits & 0xFF));
  else if (number >= std::numeric_limits<std::int8_t>::min())
    append(out, 0xD0, bits, 1);
  else if (number >= std::numeric_limits<std::int16_t>::min())
    append(out, 0xD1, bits, 2);
  else if (number >= std::numeric_limits<std::int32_t>::min())
    append(out, 0xD2, bits, 4);
  else
    append(out, 0xD3, bits, 8);
}

void write_double(std::string& out, double number) {
  constexpr auto max_exact = static_cast<double>(max_packet_id);
  const bool negative_zero = number == 0 && std::signbit(number);
  if (number >= -max_exact && number <= max_exact && number == std::trunc(number) && !negative_zero)
    write_signed(out, static_cast<std::int64_t>(number));
  else
    append(out, 0xCB, std::bit_cast<std::uint64_t>(number), 8);
}

/// The attachment that the object is a placeholder of; nullptr if it is not a valid placeholder.
const std::string* attachment_of(const json::object& object, const std::vector<shared_bytes>& attachments) {
  if (attachments.empty() || !is_placeholder(object)) return nullptr;
  const auto index = placeholder_index(object);
  return index && *index < attachments.size() ? attachments[*index].get() : nullptr;
}

}  // namespace

void write_msgpack(std::string& out, std::uint64_t number) {
  if (number < 0x80)
    append(out, static_cast<unsigned>(number));
  else if (number < 0x100)
    append(out, 0xCC, number, 1);
  else if (number < 0x10000)
    append(out, 0xCD, number, 2);
  else if (number < 0x1'0000'0000)
    append(out, 0xCE, number, 4);
  else
    append(out, 0xCF, number, 8);
}

void write_msgpack(std::string& out, std::string_view text) {
  if (!is_utf8(text)) return write_msgpack(out, std::string_view(replace_ill_formed_utf8(text)));
  if (text.size() < 0x20)
    append(out, 0xA0 | static_cast<unsigned>(text.size()));
  else
    append_length(out, 0xD9, text.size());
  out.append(text);
}

void write_msgpack_array_header(std::string& out, std::size_t size) {
  if (size < 0x10)
    append(out, 0x90 | static_cast<unsigned>(size));
  else
    append(out, size < 0x10000 ? 0xDC : 0xDD, size, size < 0x10000 ? 2 : 4);
}

void write_msgpack_map_header(std::string& out, std::size_t size) {
  if (size < 0x10)
    append(out, 0x80 | static_cast<unsigned>(size));
  else
    append(out, size < 0x10000 ? 0xDE : 0xDF, size, size < 0x10000 ? 2 : 4);
}

void write_msgpack(std::string& out, const json::value& value, const std::vector<shared_bytes>& attachments) {
  switch (value.kind()) {
    case json::kind::null:
      return append(out, 0xC0);
    case json::kind::bool_:
      return append(out, value.get_bool() ? 0xC3 : 0xC2);
    case json::kind::int64:
      return write_signed(out, value.get_int64());
    case json::kind::uint64:
      return write_msgpack(out, value.get_uint64());
    case json::kind::double_:
      return write_double(out, value.get_double());
    case json::kind::string:
      return write_msgpack(out, std::string_view(value.get_string()));
    case json::kind::array: {
      const auto& array = value.get_array();
      write_msgpack_array_header(out, array.size());
      for (const auto& element : array) write_msgpack(out, element, attachments);
      return;
    }
    case json::kind::object: {
      const auto& object = value.get_object();
      if (const auto* bytes = attachment_of(object, attachments)) {
        append_length(out, 0xC4, bytes->size());
        out.append(*bytes);
        return;
      }
      write_msgpack_map_header(out, object.size());
      for (const auto& member : object) {
        write_msgpack(out, std::string_view(member.key()));
        write_msgpack(out, member.value(), attachments);
      }
      return;
    }
  }
}

}  // namespace emostream::socketio
