#include "api/analyze_request.hpp"

#include <algorithm>
#include <array>
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
/// Content types of a body that is the image itself; its format is recognized from its first bytes.
constexpr std::array<std::string_view, 4> image_types{"image/jpeg", "image/png", "image/webp",
                                                      "application/octet-stream"};

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

or_error<vision::frame_options> parse_options(const request_head& head, double min_confidence) {
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
  service::session_config config{.min_confidence = min_confidence};
  change.apply_to(config);
  return vision::frame_options{.min_confidence = static_cast<float>(config.min_confidence),
                               .max_faces = config.max_faces};
}

}  // namespace

or_error<analyze_request> parse_head(const request_head& head, double min_confidence) {
  auto options = parse_options(head, min_confidence);
  if (!options) return std::unexpected(std::move(options).error());
  analyze_request request{.options = *options, .boundary = {}};

  if (const auto coding = head.header("content-encoding"); coding && !same_token(*coding, "identity"))
    return unsupported("The body must not be compressed");
  const auto type = head.header("content-type").value_or("");
  if (type.empty()) return request;
  const auto parsed = parse_header_value(type);
  const auto is = [&parsed](std::string_view name) { return parsed && same_token(parsed->value, name); };
  if (std::ranges::any_of(image_types, is)) return request;
  if (!is(form_type))
    return unsupported(
        "Content-Type must be image/jpeg, image/png, image/webp, application/octet-stream or "
        "multipart/form-data");
  const auto boundary = boundary_of(type);
  if (!boundary) return invalid("Not a form: " + boundary.error().message());
  request.boundary = *boundary;
  return request;
}

or_error<std::string_view> find_image(const analyze_request& request, std::string_view body,
                                      std::size_t max_bytes) {
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
  if (image.size() > max_bytes) return std::unexpected(too_large(max_bytes));
  return image;
}

request_error too_large(std::size_t max_image_bytes) {
  return {413, service::reason::frame_too_large,
          "The image is too large: at most " + std::to_string(max_image_bytes) + " bytes are taken"};
}

}  // namespace emostream::api
