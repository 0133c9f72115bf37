// A multipart/form-data request: the value of Content-Type, a line break, and the body. Parts must be views
// into the body, in order, within the limits, and must not contain the delimiter.

#include "api/multipart.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/header_value.hpp"

using namespace emostream;

namespace {

void require(bool invariant) {
  if (!invariant) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const auto type = input.substr(0, end);
  const auto body = input.substr(end + 1);

  if (const auto parsed = api::parse_header_value(type)) {
    require(!parsed->value.empty() && parsed->parameters.size() <= api::max_parameters);
    for (const auto& [name, value] : parsed->parameters) require(within(name, type) && within(value, type));
  }
  const auto boundary = api::boundary_of(type);
  if (!boundary) return 0;
  require(!boundary->empty() && boundary->size() <= 70 && within(*boundary, type));

  const auto parts = api::parse_multipart(body, *boundary);
  if (!parts) return 0;
  require(parts->size() <= api::max_parts);
  const std::string delimiter = "\r\n--" + std::string(*boundary);
  const char* before = body.data();
  for (const auto& part : *parts) {
    require(within(part.content, body) && within(part.name, body) && within(part.content_type, body));
    require(!part.filename || within(*part.filename, body));
    require(part.content.find(delimiter) == std::string_view::npos);
    require(part.content.data() >= before);
    before = part.content.data() + part.content.size();
  }
  return 0;
}
