#include "api/analyze_request.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>
#include <vector>

#include "api/header_value.hpp"
#include "api/multipart.hpp"
#include "api/responses.hpp"
#include "service/payload.hpp"

namespace emostream::api {

namespace {

using service::or_error;
using service::request_error;

constexpr int max_faces_limit = 100;
constexpr std::string_view form_type = "multipart/form-data";
/// Whether a body of this type is the image itself: any type of images, also misspelt ones such as
/// `image/jpg`, because the format is recognized from the first bytes.
bool is_image_type(std::string_view type) {
  constexpr std::string_view prefix = "image/";
  return same_token(type, "application/octet-stream") ||
         (type.size() > prefix.size() && same_token(type.substr(0, prefix.size()), prefix));
}

std::unexpected<request_error> invalid(std::string message) {
  return std::unexpected(request_error{400, service::reason::invalid_payload, std::move(message)});
}

std::unexpected<request_error> unsupported(std::string message) {
  return std::unexpected(request_error{415, reason::unsupported_type, std::move(message)});
}

std::unexpected<request_error> no_image(std::string message) {
  return std::unexpected(request_error{400, service::reason::no_image_data, std::move(message)});
}

/// Parses the whole text as a number in [low, high].
std::optional<double> number_within(std::string_view text, double low, double high) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number) || number < low || number > high) return std::nullopt;
  return number;
}

/// Sets a switch if the query has it. Returns false if its value is neither true nor false.
bool read_switch(const request_head& head, std::string_view name, std::optional<bool>& into) {
  const auto text = head.parameter(name);
  if (!text) return true;
  into = *text == "true";
  return *into || *text == "false";
}

/// The request with the options of the query.
or_error<analyze_request> parse_query(const request_head& head, double min_confidence) {
  service::config_change change;
  if (const auto text = head.parameter("min_confidence")) {
    change.min_confidence = number_within(*text, 0, 1);
    if (!change.min_confidence) return invalid("min_confidence must be a number from 0 to 1");
  }
  if (const auto text = head.parameter("max_faces")) {
    const auto number = number_within(*text, 0, max_faces_limit);
    if (!number || std::trunc(*number) != *number)
      return invalid("max_faces must be an integer from 0 (all) to 100");
    change.max_faces = static_cast<int>(*number);
  }
  if (!read_switch(head, "mesh", change.mesh)) return invalid("mesh must be true or false");
  if (!read_switch(head, "eyes", change.eyes)) return invalid("eyes must be true or false");
  if (!read_switch(head, "upright", change.upright)) return invalid("upright must be true or false");
  service::session_config config{.min_confidence = min_confidence};
  change.apply_to(config);
  return analyze_request{.options = {.min_confidence = static_cast<float>(config.min_confidence),
                                     .max_faces = config.max_faces,
                                     .eyes = config.eyes,
                                     .upright = config.upright},
                         .mesh = config.mesh,
                         .boundary = {}};
}

}  // namespace

or_error<analyze_request> parse_head(const request_head& head, double min_confidence) {
  auto request = parse_query(head, min_confidence);
  if (!request) return request;

  if (const auto coding = head.header("content-encoding"); coding && !same_token(*coding, "identity"))
    return unsupported("The body must not be compressed");
  const auto type = head.header("content-type").value_or("");
  if (type.empty()) return request;
  const auto parsed = parse_header_value(type);
  if (parsed && is_image_type(parsed->value)) return request;
  if (!parsed || !same_token(parsed->value, form_type))
    return unsupported(
        "Content-Type must be image/jpeg or another type of images, application/octet-stream or "
        "multipart/form-data");
  const auto boundary = boundary_of(type);
  if (!boundary) return invalid("Not a form: " + boundary.error().message());
  request->boundary = *boundary;
  return request;
}

or_error<std::string_view> find_image(const analyze_request& request, std::string_view body,
                                      const vision::image_limits& limits) {
  std::string_view image = body;
  if (request.boundary) {
    const auto parts = parse_multipart(body, *request.boundary);
    if (!parts) return invalid("Not a form: " + parts.error().message());
    auto found = std::ranges::find(*parts, "image", &part::name);
    if (found == parts->end())
      found = std::ranges::find_if(*parts, [](const part& p) { return p.filename.has_value(); });
    if (found == parts->end()) return no_image("The form has neither a field named image nor a file");
    image = found->content;
  }
  if (image.empty()) return no_image("No image data provided");
  if (image.size() > limits.max_bytes)
    return std::unexpected(to_http_error(vision::image_error::too_large, limits));
  return image;
}

}  // namespace emostream::api
