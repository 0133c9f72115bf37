#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.hpp"

namespace emostream::socketio {

// Used instead of Boost.JSON's functions: its parser does not always round doubles correctly, and its
// serializer writes 0.5 as 5E-1, and copies strings byte by byte, which is slow for base64 images.

/// Parses a JSON text strictly; `text` must be UTF-8. Doubles are rounded correctly, as in JavaScript. Error:
/// error::bad_json, also if the text is nested deeper than `max_depth`.
result<boost::json::value> parse_json(std::string_view text, std::size_t max_depth);

/// Appends `value` as JSON without white space. Numbers are written in the shortest form that reads back as
/// the same number; NaN and infinities as null.
void write_json(std::string& out, const boost::json::value& value);
/// Appends `text` as a JSON string.
void write_json(std::string& out, std::string_view text);

}  // namespace emostream::socketio
