#include "api/header_value.hpp"

#include <algorithm>

namespace emostream::api {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_char(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         marks.find(c) != std::string_view::npos;
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// Removes and returns the longest prefix of characters that satisfy `wanted`.
template <class Predicate>
std::string_view take_while(std::string_view& text, Predicate wanted) {
  const auto end = std::ranges::find_if_not(text, wanted);
  const auto taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

/// Removes a quoted-string and returns it without its quotes.
std::optional<std::string_view> take_quoted(std::string_view& text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      const auto taken = text.substr(1, i - 1);
      text.remove_prefix(i + 1);
      return taken;
    }
  }
  return std::nullopt;
}

}  // namespace

bool same_token(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string_view> header_value::parameter(std::string_view name) const {
  for (const auto& [key, content] : parameters)
    if (same_token(key, name)) return content;
  return std::nullopt;
}

std::optional<header_value> parse_header_value(std::string_view text) {
  header_value out;
  skip_spaces(text);
  out.value = take_while(text, [](char c) { return is_token_char(c) || c == '/'; });
  if (out.value.empty()) return std::nullopt;
  for (;;) {
    skip_spaces(text);
    if (text.empty()) return out;
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    skip_spaces(text);
    if (text.empty() || text.front() == ';') continue;  // RFC 9110 section 5.6.6 allows empty parameters

    const auto name = take_while(text, is_token_char);
    if (name.empty() || !text.starts_with('=') || out.parameters.size() == max_parameters)
      return std::nullopt;
    text.remove_prefix(1);
    const auto content = text.starts_with('"') ? take_quoted(text) : take_while(text, is_token_char);
    if (!content) return std::nullopt;
    out.parameters.emplace_back(name, *content);
  }
}

}  // namespace emostream::api
