#include "api/multipart.hpp"

#include <algorithm>
#include <string>

#include "api/header_value.hpp"

namespace emostream::api {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t max_boundary = 70;

bool is_boundary_char(char c) {
  constexpr std::string_view marks = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         marks.find(c) != std::string_view::npos;
}

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= max_boundary && !text.ends_with(' ') &&
         std::ranges::all_of(text, is_boundary_char);
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Removes the text up to and including the first `separator` and returns the text before it; nullopt if
/// there is no separator.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto taken = text.substr(0, at);
  text.remove_prefix(at + separator.size());
  return taken;
}

/// Returns true for the closing boundary; otherwise removes the rest of the boundary's line.
result<bool> take_boundary_line(std::string_view& rest) {
  constexpr std::string_view closing = "--";
  if (rest.starts_with(closing)) return true;
  // Transport padding, RFC 2046 section 5.1.1.
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (rest.size() < line_end.size() && line_end.starts_with(rest)) return failure(multipart_error::cut_off);
  if (!rest.starts_with(line_end)) return failure(multipart_error::bad_boundary_line);
  rest.remove_prefix(line_end.size());
  return false;
}

/// True for transfer encodings that leave the content unchanged.
bool is_identity(std::string_view transfer_encoding) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"binary", "8bit", "7bit"},
                             [&](auto plain) { return same_token(plain, transfer_encoding); });
}

/// Removes the header lines of a part and the blank line after them.
result<part> take_part_header(std::string_view& rest) {
  std::string_view header = rest.substr(0, max_part_header);
  const bool truncated = header.size() < rest.size();
  part out;
  bool named = false;
  for (;;) {
    const auto line = take_until(header, line_end);
    if (!line) return failure(truncated ? multipart_error::part_header_too_large : multipart_error::cut_off);
    if (line->empty()) break;
    std::string_view value = *line;
    const auto name = take_until(value, ":");
    if (!name) return failure(multipart_error::bad_part_header);
    value = trimmed(value);
    if (same_token(*name, "Content-Type")) out.content_type = value;
    if (same_token(*name, "Content-Transfer-Encoding") && !is_identity(value))
      return failure(multipart_error::encoded_part);
    if (!same_token(*name, "Content-Disposition")) continue;
    const auto disposition = parse_header_value(value);
    const auto field = disposition ? disposition->parameter("name") : std::nullopt;
    if (named || !field || !same_token(disposition->value, "form-data"))
      return failure(multipart_error::bad_part_header);
    named = true;
    out.name = *field;
    out.filename = disposition->parameter("filename");
  }
  if (!named) return failure(multipart_error::bad_part_header);
  rest.remove_prefix(std::min(rest.size(), max_part_header) - header.size());
  return out;
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "emostream.api.multipart"; }
  [[nodiscard]] std::string message(int e) const override {
    switch (static_cast<multipart_error>(e)) {
      case multipart_error::bad_boundary:
        return "Content-Type has no valid boundary";
      case multipart_error::no_boundary_line:
        return "the boundary is not in the body";
      case multipart_error::cut_off:
        return "the body ends before its closing boundary";
      case multipart_error::bad_boundary_line:
        return "a boundary line has unexpected text";
      case multipart_error::bad_part_header:
        return "a part has no valid header";
      case multipart_error::part_header_too_large:
        return "a part's header is too large";
      case multipart_error::too_many_parts:
        return "there are too many parts";
      case multipart_error::encoded_part:
        return "a part has an unsupported Content-Transfer-Encoding";
    }
    return "unknown multipart error";
  }
};

}  // namespace

std::error_code make_error_code(multipart_error e) {
  static const category instance;
  return {static_cast<int>(e), instance};
}

result<std::string_view> boundary_of(std::string_view content_type) {
  const auto parsed = parse_header_value(content_type);
  const auto boundary = parsed ? parsed->parameter("boundary") : std::nullopt;
  if (!boundary || !is_boundary(*boundary)) return failure(multipart_error::bad_boundary);
  return *boundary;
}

result<std::vector<part>> parse_multipart(std::string_view body, std::string_view boundary) {
  if (!is_boundary(boundary)) return failure(multipart_error::bad_boundary);
  const std::string delimiter = std::string(line_end) + "--" + std::string(boundary);
  // The first boundary needs no line break before it.
  const std::string_view first = std::string_view(delimiter).substr(line_end.size());

  std::string_view rest = body;
  if (rest.starts_with(first))
    rest.remove_prefix(first.size());
  else if (!take_until(rest, delimiter))
    return failure(multipart_error::no_boundary_line);

  std::vector<part> parts;
  for (;;) {
    const auto closed = take_boundary_line(rest);
    if (!closed) return std::unexpected(closed.error());
    if (*closed) return parts;
    if (parts.size() == max_parts) return failure(multipart_error::too_many_parts);
    auto next = take_part_header(rest);
    if (!next) return std::unexpected(next.error());
    const auto content = take_until(rest, delimiter);
    if (!content) return failure(multipart_error::cut_off);
    next->content = *content;
    parts.push_back(*next);
  }
}

}  // namespace emostream::api
