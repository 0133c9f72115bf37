#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.hpp"

namespace emostream::socketio {

// Boost.JSON's own parser takes a double to the nearest but one, and its serializer writes 0.5 as 5E-1 and
// strings letter by letter: what a client sends would not come back as it was, and images as base64 would be
// slow.

/// Parses a whole JSON text, which is UTF-8, strictly; numbers as JavaScript reads them. error::bad_json if
/// it is not one, or if it nests deeper than `max_depth`.
result<boost::json::value> parse_json(std::string_view text, std::size_t max_depth);

/// Appends `value` as JSON without white space, numbers in the shortest way that reads back the same, NaN and
/// infinities as null.
void write_json(std::string& out, const boost::json::value& value);
/// Appends a string with its quotes.
void write_json(std::string& out, std::string_view text);

}  // namespace emostream::socketio
