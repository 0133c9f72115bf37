#include "pipeline/encoded_image.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/base64.hpp"

namespace emostream::pipeline {

namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

constexpr std::string_view white_space = " \t\n\f\r";

std::string_view without_leading_space(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(white_space), text.size()));
}

/// Whether the part of a data URL before the comma declares its data as base64.
bool says_base64(std::string_view head) {
  const auto trim = [&head] { head = head.substr(0, head.find_last_not_of(' ') + 1); };
  constexpr std::string_view name = "base64";
  trim();
  if (head.size() < name.size() || !equal_ignoring_case(head.substr(head.size() - name.size()), name))
    return false;
  head.remove_suffix(name.size());
  trim();
  return head.ends_with(';');
}

/// Returns the part after the comma of a base64 data URL (RFC 2397), or nothing if it is not one. The media
/// type is ignored: the decoder recognizes the format from the first bytes.
std::optional<std::string_view> data_url_body(std::string_view url) {
  const auto comma = url.substr(0, max_data_url_head).find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto body = url.substr(comma + 1);
  // A canvas without pixels is encoded as "data:,".
  if (!body.empty() && !says_base64(url.substr(0, comma))) return std::nullopt;
  return body;
}

/// Decodes percent-encoding, which data URLs may have; a % without two digits stands for itself.
std::string without_percent_encoding(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    const bool encoded = text[i] == '%' && i + 2 < text.size() &&
                         std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
    out.push_back(encoded ? static_cast<char>(value) : text[i]);
    if (encoded) i += 2;
  }
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
  return equal_ignoring_case(without_leading_space(text).substr(0, scheme.size()), scheme);
}

bool is_image_text(std::string_view bytes) {
  // The first bytes of JPEG, PNG, WebP and GIF as base64, that of JPEG also as base64url.
  constexpr std::array<std::string_view, 5> beginnings{"/9j/", "_9j_", "iVBORw0KGgo", "UklGR", "R0lGOD"};
  const auto text = without_leading_space(bytes);
  return is_data_url(text) ||
         std::ranges::any_of(beginnings, [text](std::string_view b) { return text.starts_with(b); });
}

result<std::span<const std::uint8_t>> image_bytes(const encoded_image& image, std::string& buffer) {
  if (image.content.empty()) return failure(frame_error::no_data);
  if (!image.is_text) return as_bytes(image.content);

  std::string_view text = without_leading_space(image.content);
  std::string decoded_url;
  if (is_data_url(text)) {
    const auto body = data_url_body(text);
    if (!body) return failure(frame_error::bad_data_url);
    text = *body;
    if (text.contains('%')) text = decoded_url = without_percent_encoding(text);
  }
  if (!base64::decode_forgiving(text, buffer)) return failure(frame_error::bad_base64);
  if (buffer.empty()) return failure(frame_error::no_data);
  return as_bytes(buffer);
}

}  // namespace emostream::pipeline
