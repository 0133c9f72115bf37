#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/json_writer.hpp"
#include "base/result.hpp"

namespace emostream::socketio {

// Used instead of Boost.JSON's parser, which does not always round doubles correctly.

/// The sum over all objects of the squares of their numbers of members: objects whose keys have the same hash
/// cost so many comparisons of keys, twice.
inline constexpr std::size_t max_squared_members = 10'000'000;

/// Limits of a JSON text; see options.
struct json_limits {
  std::size_t depth = 32;
  std::size_t values = 50'000;
  std::size_t object_members = 1000;
};

/// Parses a JSON text strictly; `text` must be UTF-8. Doubles are rounded correctly, as in JavaScript.
/// Errors: error::bad_json, also if the text is nested too deep; error::too_many_members;
/// error::too_many_values.
result<boost::json::value> parse_json(std::string_view text, const json_limits& limits);

using emostream::write_json;  // in base/json_writer.hpp

}  // namespace emostream::socketio
