#include "evaluation/label_names.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace emostream::evaluation {

namespace {

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Its letters in lower case, or what stands for them in the first of the spellings that has them.
std::string expression(std::string_view name) {
  static const std::array<std::initializer_list<std::string_view>, 8> spellings{{
      {"neutral", "neutrality"},
      {"happiness", "happy", "joy", "joyful"},
      {"surprise", "surprised"},
      {"sadness", "sad"},
      {"anger", "angry"},
      {"disgust", "disgusted"},
      {"fear", "fearful", "afraid", "scared"},
      {"contempt", "contemptuous"},
  }};
  std::string letters = lower(name);
  std::erase_if(letters, [](char c) { return static_cast<unsigned char>(c) < 0x80 && (c < 'a' || c > 'z'); });
  for (const auto& one : spellings) {
    if (std::ranges::find(one, letters) != one.end()) return std::string(*one.begin());
  }
  return letters;
}

}  // namespace

std::optional<std::size_t> find_label(std::string_view name, std::span<const std::string> labels) {
  const auto place = [&](auto found) { return static_cast<std::size_t>(found - labels.begin()); };
  const auto exact = std::ranges::find(labels, lower(name), lower);
  if (exact != labels.end()) return place(exact);

  const std::string wanted = expression(name);
  if (wanted.empty() || std::ranges::count(labels, wanted, expression) != 1) return std::nullopt;
  return place(std::ranges::find(labels, wanted, expression));
}

}  // namespace emostream::evaluation
