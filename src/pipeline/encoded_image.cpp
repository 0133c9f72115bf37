#include "pipeline/encoded_image.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/base64.hpp"

namespace emostream::pipeline {

namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

/// Returns the part after the comma of a base64 data URL (RFC 2397). The media type is ignored: the decoder
/// recognizes the format from the first bytes.
std::optional<std::string_view> data_url_body(std::string_view url) {
  const auto comma = url.substr(0, max_data_url_head).find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  constexpr std::string_view marker = ";base64";
  const std::string_view head = url.substr(0, comma);
  if (head.size() < marker.size() || !equal_ignoring_case(head.substr(head.size() - marker.size()), marker))
    return std::nullopt;
  return url.substr(comma + 1);
}

/// Android's Base64.DEFAULT and Python's base64.encodebytes() insert a line break after every 76 characters.
std::string without_line_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c != '\r' && c != '\n'; });
  return out;
}

std::span<const std::uint8_t> as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "emostream.pipeline"; }
  [[nodiscard]] std::string message(int e) const override {
    switch (static_cast<frame_error>(e)) {
      case frame_error::no_data:
        return "No image data provided";
      case frame_error::bad_base64:
        return "Image data is not valid base64";
      case frame_error::bad_data_url:
        return "Image data is not a base64 data URL";
      case frame_error::internal:
        return "Internal error";
    }
    return "unknown frame error";
  }
};

}  // namespace

std::error_code make_error_code(frame_error e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

bool is_data_url(std::string_view text) {
  constexpr std::string_view scheme = "data:";
  return equal_ignoring_case(text.substr(0, scheme.size()), scheme);
}

result<std::span<const std::uint8_t>> image_bytes(const encoded_image& image, std::string& buffer) {
  if (image.content.empty()) return failure(frame_error::no_data);
  if (!image.is_text) return as_bytes(image.content);

  std::string_view text = image.content;
  if (is_data_url(text)) {
    const auto body = data_url_body(text);
    if (!body) return failure(frame_error::bad_data_url);
    text = *body;
  }
  std::string joined_lines;
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    joined_lines = without_line_breaks(text);
    text = joined_lines;
  }
  if (!base64::decode(text, buffer)) return failure(frame_error::bad_base64);
  if (buffer.empty()) return failure(frame_error::no_data);
  return as_bytes(buffer);
}

}  // namespace emostream::pipeline
