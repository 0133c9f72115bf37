#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/utf8.hpp"
#include "socketio/error.hpp"
#include "socketio/json.hpp"
#include "socketio/msgpack.hpp"
#include "socketio/placeholder.hpp"

namespace emostream::socketio {

namespace {

namespace json = boost::json;

constexpr std::int64_t ms_per_day = 86'400'000;
/// JavaScript dates range from -max_time to max_time, in milliseconds.
constexpr std::int64_t max_time = 100'000'000 * ms_per_day;

/// Formats a time like JavaScript's toISOString(): `2026-01-02T03:04:05.006Z`, with a sign and six digits for
/// years outside 0 to 9999. Null if it is out of range for JavaScript.
json::value iso_time(std::int64_t ms) {
  if (ms < -max_time || ms > max_time) return nullptr;
  std::int64_t days = ms / ms_per_day;
  std::int64_t ms_of_day = ms % ms_per_day;
  if (ms_of_day < 0) {
    ms_of_day += ms_per_day;
    --days;
  }
  // Converts days to a date. Years start in March; an era has 400 years.
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  const int year = static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));

  std::array<char, 40> text;
  const char* format = year >= 0 && year <= 9999 ? "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
                                                 : "%+07d-%02d-%02dT%02d:%02d:%02d.%03dZ";
  const int size =
      std::snprintf(text.data(), text.size(), format, year, month, day,
                    static_cast<int>(ms_of_day / 3'600'000), static_cast<int>(ms_of_day / 60'000 % 60),
                    static_cast<int>(ms_of_day / 1000 % 60), static_cast<int>(ms_of_day % 1000));
  return json::string(text.data(), static_cast<std::size_t>(size));
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

/// The size in bytes of the length field, number or fixed-size extension of `tag`; it is 1 for the tag
/// `first` and doubles with each tag.
constexpr std::size_t size_by_tag(unsigned char tag, unsigned char first) {
  return std::size_t{1} << (tag - first);
}

}  // namespace

std::optional<std::size_t> msgpack_reader::map_size() {
  const auto tag = take_tag();
  if (!tag) return std::nullopt;
  std::optional<std::uint64_t> size;
  if (*tag >> 4 == 0x8)
    size = *tag & 0x0F;
  else if (*tag == 0xDE || *tag == 0xDF)
    size = take_number(*tag == 0xDE ? 2 : 4);
  if (!size || !can_hold(2 * *size)) {
    fail(error::bad_msgpack);
    return std::nullopt;
  }
  return *size;
}

std::optional<std::string_view> msgpack_reader::key() {
  const auto tag = take_tag();
  if (!tag) return std::nullopt;
  std::optional<std::uint64_t> size;
  if (*tag >> 5 == 0x5)
    size = *tag & 0x1F;
  else if (*tag >= 0xD9 && *tag <= 0xDB)
    size = take_number(size_by_tag(*tag, 0xD9));
  const auto text = size ? take(*size) : std::nullopt;
  if (text && is_utf8(*text)) return text;
  fail(error::bad_msgpack);
  return std::nullopt;
}

std::optional<json::value> msgpack_reader::value() {
  json::value v;
  if (read(v, 0) == outcome::value) return v;
  return std::nullopt;
}

msgpack_reader::outcome msgpack_reader::read(json::value& out, std::size_t depth) {
  if (++values_ > limits_.max_values) return fail(error::too_many_values);
  const auto tag = take_tag();
  if (!tag) return outcome::failed;
  if (*tag < 0x80) {
    out = static_cast<int>(*tag);
    return outcome::value;
  }
  if (*tag < 0x90) return read_map(out, *tag & 0x0F, depth);
  if (*tag < 0xA0) return read_array(out, *tag & 0x0F, depth);
  if (*tag < 0xC0) return read_string(out, *tag & 0x1F);
  if (*tag >= 0xE0) {
    out = static_cast<int>(*tag) - 0x100;
    return outcome::value;
  }

  const auto sized = [this](std::size_t size_of_length, auto&& read_content) {
    const auto size = take_number(size_of_length);
    return size ? read_content(*size) : outcome::failed;
  };
  switch (*tag) {
    case 0xC0:
      out = nullptr;
      return outcome::value;
    case 0xC2:
    case 0xC3:
      out = *tag == 0xC3;
      return outcome::value;
    case 0xC4:
    case 0xC5:
    case 0xC6:
      return sized(size_by_tag(*tag, 0xC4), [&](std::size_t size) { return read_attachment(out, size); });
    case 0xC7:
    case 0xC8:
    case 0xC9:
      return sized(size_by_tag(*tag, 0xC7),
                   [&](std::size_t size) { return read_extension(out, *tag, size); });
    case 0xD4:
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8:
      return read_extension(out, *tag, size_by_tag(*tag, 0xD4));
    case 0xD9:
    case 0xDA:
    case 0xDB:
      return sized(size_by_tag(*tag, 0xD9), [&](std::size_t size) { return read_string(out, size); });
    case 0xDC:
    case 0xDD:
      return sized(2 * size_by_tag(*tag, 0xDC),
                   [&](std::size_t size) { return read_array(out, size, depth); });
    case 0xDE:
    case 0xDF:
      return sized(2 * size_by_tag(*tag, 0xDE), [&](std::size_t size) { return read_map(out, size, depth); });
    default:
      return read_number(out, *tag);
  }
}

msgpack_reader::outcome msgpack_reader::read_array(json::value& out, std::size_t size, std::size_t depth) {
  if (depth == limits_.max_json_depth || !can_hold(size)) return fail(error::bad_msgpack);
  if (size > limits_.max_values - values_) return fail(error::too_many_values);  // before memory is allocated
  auto& array = out.emplace_array();
  array.resize(size);
  pending_values_ += size;
  for (auto& element : array)
    if (--pending_values_; read(element, depth + 1) == outcome::failed) return outcome::failed;
  return outcome::value;
}

msgpack_reader::outcome msgpack_reader::read_map(json::value& out, std::size_t size, std::size_t depth) {
  if (depth == limits_.max_json_depth || !can_hold(2 * size)) return fail(error::bad_msgpack);
  squared_members_ += size * size;
  if (size > limits_.max_object_members || squared_members_ > max_squared_members)
    return fail(error::too_many_members);
  auto& object = out.emplace_object();
  pending_values_ += 2 * size;
  for (; size > 0; --size) {
    pending_values_ -= 2;
    const auto name = key();
    if (!name) return outcome::failed;
    json::value member;
    const outcome got = read(member, depth + 1);
    if (got == outcome::failed) return got;
    if (got == outcome::value) object.insert_or_assign(*name, std::move(member));
  }
  // A forged placeholder would refer to an attachment from elsewhere in the packet.
  if (is_placeholder(object)) return fail(error::bad_placeholder);
  return outcome::value;
}

msgpack_reader::outcome msgpack_reader::read_string(json::value& out, std::size_t size) {
  const auto text = take(size);
  if (!text) return outcome::failed;
  if (!is_utf8(*text)) return fail(error::bad_msgpack);
  out.emplace_string().assign(*text);
  return outcome::value;
}

msgpack_reader::outcome msgpack_reader::read_attachment(json::value& out, std::size_t size) {
  if (attachments_.size() == limits_.max_attachments) return fail(error::too_many_attachments);
  const auto bytes = take(size);
  if (!bytes) return outcome::failed;
  attached_bytes_ += size;
  if (attached_bytes_ > limits_.max_attachment_bytes) return fail(error::attachments_too_large);
  out = placeholder_of(attachments_.size());
  attachments_.push_back(std::make_shared<const std::string>(*bytes));
  return outcome::value;
}

msgpack_reader::outcome msgpack_reader::read_extension(json::value& out, unsigned char tag,
                                                       std::size_t size) {
  const auto type = take_number(1);
  if (!type) return outcome::failed;
  constexpr std::uint64_t notepack = 0;
  constexpr std::uint64_t timestamp = 0xFF;
  if (*type == notepack && tag <= 0xC9) return read_attachment(out, size);  // an ArrayBuffer
  const auto bytes = take(size);
  if (!bytes) return outcome::failed;
  if (*type == notepack && tag == 0xD4) {
    out = nullptr;
    return outcome::undefined;
  }
  if (*type == notepack && tag == 0xD7) {
    out = iso_time(static_cast<std::int64_t>(big_endian(*bytes)));
    return outcome::value;
  }
  if (*type == timestamp) return read_time(out, *bytes);
  return fail(error::bad_msgpack);
}

msgpack_reader::outcome msgpack_reader::read_time(json::value& out, std::string_view bytes) {
  std::int64_t seconds = 0;
  std::uint64_t nanoseconds = 0;
  switch (bytes.size()) {
    case 4:
      seconds = static_cast<std::int64_t>(big_endian(bytes));
      break;
    case 8:
      nanoseconds = big_endian(bytes) >> 34;
      seconds = static_cast<std::int64_t>(big_endian(bytes) & 0x3'FFFF'FFFF);
      break;
    case 12:
      nanoseconds = big_endian(bytes.substr(0, 4));
      seconds = static_cast<std::int64_t>(big_endian(bytes.substr(4)));
      break;
    default:
      return fail(error::bad_msgpack);
  }
  if (nanoseconds > 999'999'999) return fail(error::bad_msgpack);
  constexpr std::int64_t max_seconds = max_time / 1000;
  out = seconds < -max_seconds || seconds > max_seconds
            ? json::value()
            : iso_time(seconds * 1000 + static_cast<std::int64_t>(nanoseconds / 1'000'000));
  return outcome::value;
}

msgpack_reader::outcome msgpack_reader::read_number(json::value& out, unsigned char tag) {
  if (tag < 0xCA || tag > 0xD3) return fail(error::bad_msgpack);
  const auto set_double = [&out](double number) {
    if (std::isfinite(number))
      out = number;
    else
      out = nullptr;
  };
  const std::size_t size = tag <= 0xCB  ? size_by_tag(tag, 0xC8)
                           : tag < 0xD0 ? size_by_tag(tag, 0xCC)
                                        : size_by_tag(tag, 0xD0);
  const auto bits = take_number(size);
  if (!bits) return outcome::failed;
  if (tag == 0xCA) {
    set_double(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(*bits))));
  } else if (tag == 0xCB) {
    set_double(std::bit_cast<double>(*bits));
  } else if (tag < 0xD0) {
    if (*bits > static_cast<std::uint64_t>(INT64_MAX))
      out = *bits;
    else
      out = static_cast<std::int64_t>(*bits);
  } else {
    const std::size_t unused = 64 - 8 * size;  // shift the sign into the top bit
    out = static_cast<std::int64_t>(*bits << unused) >> unused;
  }
  return outcome::value;
}

std::optional<std::string_view> msgpack_reader::take(std::size_t size) {
  if (size > rest_.size()) {
    fail(error::bad_msgpack);
    return std::nullopt;
  }
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::optional<std::uint64_t> msgpack_reader::take_number(std::size_t size) {
  const auto bytes = take(size);
  if (!bytes) return std::nullopt;
  return big_endian(*bytes);
}

std::optional<unsigned char> msgpack_reader::take_tag() {
  const auto byte = take(1);
  if (!byte) return std::nullopt;
  return static_cast<unsigned char>(byte->front());
}

bool msgpack_reader::can_hold(std::size_t values) const {
  return pending_values_ <= rest_.size() && values <= rest_.size() - pending_values_;
}

msgpack_reader::outcome msgpack_reader::fail(std::error_code why) {
  if (!error_) error_ = why;
  return outcome::failed;
}

}  // namespace emostream::socketio
