#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace emostream {

// Used instead of Boost.JSON's serializer, which writes 0.5 as 5E-1 and copies strings byte by byte, which is
// slow for base64 images.

/// Appends `value` as JSON without white space. Numbers are written in the shortest form that reads back as
/// the same number; NaN and infinities as null. Strings that are not UTF-8 are written with U+FFFD in place
/// of what is ill-formed.
void write_json(std::string& out, const boost::json::value& value);
/// Appends `text` as a JSON string.
void write_json(std::string& out, std::string_view text);

}  // namespace emostream
