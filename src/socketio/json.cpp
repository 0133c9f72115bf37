#include "socketio/json.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include "socketio/error.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

/// The handler of json::basic_parser that builds the value. Its methods return true to continue.
struct value_builder {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using code = json::error_code;

  explicit value_builder(const json_limits& l) : limits(l) {}  // does not zero the buffer
  const json_limits& limits;
  std::size_t values = 0;
  std::size_t squared_members = 0;
  std::error_code exceeded;  ///< the limit that was exceeded
  std::array<unsigned char, 1024> initial_buffer;
  json::value_stack stack{{}, initial_buffer.data(), initial_buffer.size()};

  bool on_document_begin(code&) {
    stack.reset();
    return true;
  }
  bool on_document_end(code&) { return true; }
  bool on_object_begin(code&) { return true; }
  bool on_object_end(std::size_t size, code& ec) {
    squared_members += size * size;
    if (size > limits.object_members || squared_members > max_squared_members)
      return fail(ec, error::too_many_members);
    stack.push_object(size);
    return count(ec);
  }
  bool on_array_begin(code&) { return true; }
  bool on_array_end(std::size_t size, code& ec) {
    stack.push_array(size);
    return count(ec);
  }
  bool on_key_part(json::string_view part, std::size_t, code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view rest, std::size_t, code&) {
    stack.push_key(rest);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view rest, std::size_t, code& ec) {
    stack.push_string(rest);
    return count(ec);
  }
  bool on_number_part(json::string_view, code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, code& ec) {
    stack.push_int64(number);
    return count(ec);
  }
  bool on_uint64(std::uint64_t number, json::string_view, code& ec) {
    stack.push_uint64(number);
    return count(ec);
  }
  bool on_double(double approximate, json::string_view text, code& ec) {
    // `text` is the whole number, since the document is parsed in one piece.
    double exact = approximate;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), exact);
    stack.push_double(parsed.ec == std::errc() ? exact : approximate);
    return count(ec);
  }
  bool on_bool(bool value, code& ec) {
    stack.push_bool(value);
    return count(ec);
  }
  bool on_null(code& ec) {
    stack.push_null();
    return count(ec);
  }
  bool on_comment_part(json::string_view, code&) { return true; }
  bool on_comment(json::string_view, code&) { return true; }

 private:
  bool count(code& ec) { return ++values <= limits.values || fail(ec, error::too_many_values); }
  bool fail(code& ec, error limit) {
    exceeded = limit;
    ec = json::error::exception;  // stops the parser
    return false;
  }
};

/// The UTF-16 code unit of the `\uXXXX` escape at position `at`; nullopt if there is no such escape.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  constexpr std::size_t size = 6;
  if (at + size > text.size() || text.substr(at, 2) != "\\u") return std::nullopt;
  unsigned unit = 0;
  const char* const end = text.data() + at + size;
  const auto [stop, ec] = std::from_chars(end - 4, end, unit, 16);
  return ec == std::errc() && stop == end ? std::optional(unit) : std::nullopt;
}

/// Replaces each escaped lone surrogate with U+FFFD.
std::string without_lone_surrogates(std::string_view text) {
  const auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; };
  const auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; };
  std::string out(text);
  for (auto at = out.find('\\'); at != std::string::npos; at = out.find('\\', at)) {
    const auto unit = escaped_unit(out, at);
    if (!unit) {
      at += 2;  // another escape, possibly an escaped backslash
    } else if (is_high(*unit) && is_low(escaped_unit(out, at + 6).value_or(0))) {
      at += 12;
    } else {
      if (is_high(*unit) || is_low(*unit)) out.replace(at + 2, 4, "fffd");
      at += 6;
    }
  }
  return out;
}

result<json::value> parse_strictly(std::string_view text, const json_limits& limits) {
  json::parse_options opts;
  opts.max_depth = limits.depth;
  opts.allow_invalid_utf8 = true;  // the transport has validated it already
  json::basic_parser<value_builder> parser(opts, limits);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (const auto exceeded = parser.handler().exceeded) return std::unexpected(exceeded);
  if (ec || used != text.size()) return failure(error::bad_json);
  return parser.handler().stack.release();
}

}  // namespace

result<json::value> parse_json(std::string_view text, const json_limits& limits) {
  auto parsed = parse_strictly(text, limits);
  // JavaScript writes lone surrogates if a string was cut within a surrogate pair; RFC 8259 section 8.2
  // allows that.
  if (!parsed && parsed.error() == error::bad_json && (text.contains("\\ud") || text.contains("\\uD")))
    parsed = parse_strictly(without_lone_surrogates(text), limits);
  return parsed;
}

}  // namespace emostream::socketio
