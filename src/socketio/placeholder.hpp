#pragma once

#include <cstddef>
#include <optional>

#include <boost/json/value.hpp>

namespace emostream::socketio {

/// True for the placeholder of a binary attachment, `{"_placeholder": true, "num": i}`, even if `num` is
/// missing or invalid.
inline bool is_placeholder(const boost::json::object& object) {
  const auto* mark = object.if_contains("_placeholder");
  return mark && mark->is_bool() && mark->get_bool();
}

/// The index of the attachment that a placeholder refers to; nullopt if it is missing or invalid.
inline std::optional<std::size_t> placeholder_index(const boost::json::object& object) {
  const auto* num = object.if_contains("num");
  if (!num) return std::nullopt;
  if (num->is_uint64()) return num->get_uint64();
  if (num->is_int64() && num->get_int64() >= 0) return static_cast<std::size_t>(num->get_int64());
  return std::nullopt;
}

/// The placeholder of the attachment with this index.
inline boost::json::value placeholder_of(std::size_t index) {
  return {{"_placeholder", true}, {"num", index}};
}

}  // namespace emostream::socketio
