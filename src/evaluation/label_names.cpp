#include "evaluation/label_names.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace emostream::evaluation {

namespace {

std::string lower_case(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// The letters of the name in lower case; if they are in a group of synonyms, the first word of the group.
std::string canonical(std::string_view name) {
  static const std::array<std::initializer_list<std::string_view>, 8> synonyms{{
      {"neutral", "neutrality"},
      {"happiness", "happy", "joy", "joyful"},
      {"surprise", "surprised"},
      {"sadness", "sad"},
      {"anger", "angry"},
      {"disgust", "disgusted"},
      {"fear", "fearful", "afraid", "scared"},
      {"contempt", "contemptuous"},
  }};
  std::string letters = lower_case(name);
  std::erase_if(letters, [](char c) { return static_cast<unsigned char>(c) < 0x80 && (c < 'a' || c > 'z'); });
  for (const auto& group : synonyms) {
    if (std::ranges::find(group, letters) != group.end()) return std::string(*group.begin());
  }
  return letters;
}

}  // namespace

std::optional<std::size_t> find_label(std::string_view name, std::span<const std::string> labels) {
  const auto index_of = [&](auto found) { return static_cast<std::size_t>(found - labels.begin()); };
  const auto exact = std::ranges::find(labels, lower_case(name), lower_case);
  if (exact != labels.end()) return index_of(exact);

  const std::string wanted = canonical(name);
  if (wanted.empty() || std::ranges::count(labels, wanted, canonical) != 1) return std::nullopt;
  return index_of(std::ranges::find(labels, wanted, canonical));
}

}  // namespace emostream::evaluation
