// JSON of Socket.IO packets: parsing, writing and parsing again must yield the same value. As in JavaScript,
// 1.0 equals 1, and infinities become null.

#include "socketio/json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.hpp"

using namespace emostream::socketio;
namespace json = boost::json;

namespace {

bool same(const json::value& a, const json::value& b) {
  if (a.is_double() && !std::isfinite(a.get_double())) return b.is_null();
  if (a.is_number() && b.is_number() && (a.is_double() || b.is_double()))
    return a.to_number<double>() == b.to_number<double>();
  if (a.is_array() && b.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), same);
  if (!a.is_object() || !b.is_object()) return a == b;
  return std::ranges::equal(a.get_object(), b.get_object(), [](const auto& x, const auto& y) {
    return x.key() == y.key() && same(x.value(), y.value());
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr json_limits limits{.depth = 16};
  const std::string_view received(reinterpret_cast<const char*>(data), size);
  if (!emostream::is_utf8(received)) return 0;  // transports reject it
  const auto value = parse_json(received, limits);
  if (!value) return 0;
  std::string text;
  write_json(text, *value);
  const auto again = parse_json(text, limits);
  if (!again || !same(*value, *again)) std::abort();
  return 0;
}
