#include "base/json_writer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include <boost/json/value.hpp>

#include "base/utf8.hpp"

namespace emostream {

namespace json = boost::json;

namespace {

/// A SIMD vector of 16 bytes.
using bytes16 __attribute__((vector_size(16))) = unsigned char;

/// Works on a single byte or on each byte of a vector.
template <class Bytes>
constexpr auto needs_escape(Bytes c) {
  return (c < 0x20) | (c == '"') | (c == '\\');
}

/// Copies bytes until the first that needs an escape; returns how many. `to` must have space for all of
/// `text`; bytes after the copied ones may be overwritten.
std::size_t copy_plain(std::string_view text, char* to) {
  std::size_t i = 0;
  for (std::array<bytes16, 4> block; i + sizeof block <= text.size(); i += sizeof block) {
    std::memcpy(block.data(), text.data() + i, sizeof block);
    std::memcpy(to + i, block.data(), sizeof block);
    const auto found =
        needs_escape(block[0]) | needs_escape(block[1]) | needs_escape(block[2]) | needs_escape(block[3]);
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(found);
    if ((halves[0] | halves[1]) != 0) break;
  }
  for (; i < text.size() && !needs_escape(static_cast<unsigned char>(text[i])); ++i) to[i] = text[i];
  return i;
}

void write_escaped(std::string& out, unsigned char c) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('\\');
  switch (c) {
    case '"':
    case '\\':
      out.push_back(static_cast<char>(c));
      break;
    case '\b':
      out.push_back('b');
      break;
    case '\f':
      out.push_back('f');
      break;
    case '\n':
      out.push_back('n');
      break;
    case '\r':
      out.push_back('r');
      break;
    case '\t':
      out.push_back('t');
      break;
    default:
      out.append("u00");
      out.push_back(hex[c >> 4]);
      out.push_back(hex[c & 15]);
  }
}

template <class Number>
void write_number(std::string& out, Number number) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), written.ptr);
}

}  // namespace

void write_json(std::string& out, std::string_view text) {
  if (!is_utf8(text)) return write_json(out, std::string_view(replace_ill_formed_utf8(text)));
  // Reserve space for what follows too, so that appending the closing quote does not reallocate a long
  // string.
  if (const auto needed = out.size() + text.size() + 64; out.capacity() < needed)
    out.reserve(std::max(needed, 2 * out.capacity()));
  out.push_back('"');
  while (true) {
    const auto before = out.size();
    std::size_t plain = 0;
    out.resize_and_overwrite(before + text.size(), [&](char* bytes, std::size_t) {
      plain = copy_plain(text, bytes + before);
      return before + plain;
    });
    if (plain == text.size()) break;
    write_escaped(out, static_cast<unsigned char>(text[plain]));
    text.remove_prefix(plain + 1);
  }
  out.push_back('"');
}

void write_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out.append("null");
      break;
    case json::kind::bool_:
      out.append(value.get_bool() ? "true" : "false");
      break;
    case json::kind::int64:
      write_number(out, value.get_int64());
      break;
    case json::kind::uint64:
      write_number(out, value.get_uint64());
      break;
    case json::kind::double_:
      if (std::isfinite(value.get_double()))
        write_number(out, value.get_double());
      else
        out.append("null");
      break;
    case json::kind::string:
      write_json(out, std::string_view(value.get_string()));
      break;
    case json::kind::array: {
      char before = '[';
      for (const auto& element : value.get_array()) {
        out.push_back(std::exchange(before, ','));
        write_json(out, element);
      }
      if (before == '[') out.push_back('[');
      out.push_back(']');
      break;
    }
    case json::kind::object: {
      char before = '{';
      for (const auto& member : value.get_object()) {
        out.push_back(std::exchange(before, ','));
        write_json(out, std::string_view(member.key()));
        out.push_back(':');
        write_json(out, member.value());
      }
      if (before == '{') out.push_back('{');
      out.push_back('}');
      break;
    }
  }
}

}  // namespace emostream
