#include "net/http/content_coding.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/beast/core/string.hpp>

namespace emostream::net {

namespace {

using boost::beast::iequals;

constexpr std::array<std::pair<content_coding, std::string_view>, 4> names{{
    {content_coding::identity, "identity"},
    {content_coding::br, "br"},
    {content_coding::gzip, "gzip"},
    {content_coding::deflate, "deflate"},
}};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Removes the text up to the next `delimiter`, and the delimiter, from `rest`; returns the text, trimmed.
std::string_view next_of(std::string_view& rest, char delimiter) {
  const auto end = std::min(rest.find(delimiter), rest.size());
  const auto part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// A qvalue in thousandths; 0 if it is malformed, for example above 1.
int quality_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int thousandths = (text[0] - '0') * 1000;
  for (std::size_t i = 2, unit = 100; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    thousandths += (text[i] - '0') * static_cast<int>(unit);
  }
  return thousandths <= 1000 ? thousandths : 0;
}

/// The quality of a coding in the list, by its name or else by `*`; nullopt if neither is listed.
std::optional<int> quality_in(std::string_view list, std::string_view coding) {
  std::optional<int> of_wildcard;
  while (!list.empty()) {
    auto element = next_of(list, ',');
    const auto name = next_of(element, ';');
    int quality = 1000;
    while (!element.empty()) {
      auto parameter = next_of(element, ';');
      if (iequals(next_of(parameter, '='), "q")) quality = quality_of(trimmed(parameter));
    }
    if (iequals(name, coding)) return quality;
    if (name == "*") of_wildcard = quality;
  }
  return of_wildcard;
}

}  // namespace

std::string_view to_string(content_coding c) {
  return std::ranges::find(names, c, &std::pair<content_coding, std::string_view>::first)->second;
}

content_coding choose_coding(const request_head& head, std::span<const content_coding> ours) {
  const auto accepted = head.header("accept-encoding");
  if (!accepted) return content_coding::identity;
  auto best = content_coding::identity;
  // If identity is listed, a coding must have at least its quality; otherwise any acceptable coding will do.
  int best_quality = std::max(quality_in(*accepted, "identity").value_or(0), 1) - 1;
  for (const auto coding : ours) {
    const int quality = quality_in(*accepted, to_string(coding)).value_or(0);
    if (quality <= best_quality) continue;
    best = coding;
    best_quality = quality;
  }
  return best;
}

std::string encode_gzip(std::string_view text) {
  return response_encoder().encode(text, content_coding::gzip);
}

std::string response_encoder::encode(std::string_view text, content_coding c) {
  auto& encoder = c == content_coding::gzip ? gzip_ : deflate_;
  if (!encoder)
    encoder.emplace(c == content_coding::gzip ? deflater::format::gzip : deflater::format::zlib);
  else
    encoder->reset();
  std::string out;
  encoder->append(out, text, deflater::flush::finish);
  return out;
}

}  // namespace emostream::net
