#include "cli/setting.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <spdlog/fmt/fmt.h>

namespace emostream::cli {

namespace {

/// "a", "a or b", "a, b or c".
std::string join_with_or(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

setting::setting(std::string key, bool& option, std::string help)
    : setting(
          std::move(key), std::move(help), {}, [&option] { return option; },
          [&option](bool value) { option = value; }) {}

setting::setting(std::string key, std::string& option, std::string help)
    : setting(
          std::move(key), std::move(help), {}, [&option] { return option; },
          [&option](const std::string& value) { option = value; }) {}

setting::setting(std::string key, std::filesystem::path& option, std::string help)
    : setting(
          std::move(key), std::move(help), {}, [&option] { return option.string(); },
          [&option](const std::string& value) { option = value; }) {}

setting::setting(std::string key, std::vector<std::string>& option, std::string help)
    : setting(
          std::move(key), std::move(help), {}, [&option] { return option; },
          [&option](const std::vector<std::string>& value) { option = value; }) {}

setting::setting(std::string key, double& option, double min, double max, std::string help)
    : setting(
          std::move(key), std::move(help), range<double>{min, max}, [&option] { return option; },
          [&option](double value) { option = value; }) {}

setting::setting(std::string key, std::optional<std::string>& option, std::string help)
    : setting(
          std::move(key), std::move(help), {}, [&option] { return option.value_or(""); },
          [&option](const std::string& value) {
            option = value.empty() ? std::nullopt : std::optional(value);
          }) {}

setting::setting(std::string key, std::string& option, std::vector<std::string> choices, std::string help)
    : setting(
          std::move(key), std::move(help), std::move(choices), [&option] { return option; },
          [&option](const std::string& value) { option = value; }) {}

std::string_view setting::table() const {
  const auto dot = key_.rfind('.');
  return std::string_view(key_).substr(0, dot == std::string::npos ? 0 : dot);
}

std::string_view setting::name() const {
  return std::string_view(key_).substr(key_.rfind('.') + 1);
}

bool setting::assign(const setting_value& value) const {
  if (const auto* r = std::get_if<range<std::int64_t>>(&accepted_)) {
    if (!r->contains(std::get<std::int64_t>(value))) return false;
  } else if (const auto* d = std::get_if<range<double>>(&accepted_)) {
    if (!d->contains(std::get<double>(value))) return false;
  } else if (const auto* choices = std::get_if<names>(&accepted_)) {
    if (std::ranges::find(*choices, std::get<std::string>(value)) == choices->end()) return false;
  }
  set_(value);
  return true;
}

std::string setting::expected() const {
  if (const auto* r = std::get_if<range<std::int64_t>>(&accepted_))
    return fmt::format("a whole number from {} to {}", r->min, r->max);
  if (const auto* r = std::get_if<range<double>>(&accepted_))
    return fmt::format("a number from {:g} to {:g}", r->min, r->max);
  if (const auto* choices = std::get_if<names>(&accepted_)) return join_with_or(*choices);
  constexpr std::array<const char*, std::variant_size_v<setting_value>> by_type{
      "true or false", "a whole number", "a number", "a string", "a list of strings"};
  return by_type.at(value().index());
}

std::string setting::accepted_in_short() const {
  if (const auto* r = std::get_if<range<std::int64_t>>(&accepted_))
    return r->max == unlimited ? fmt::format("{} or more", r->min) : fmt::format("{} to {}", r->min, r->max);
  if (const auto* r = std::get_if<range<double>>(&accepted_)) return fmt::format("{} to {}", r->min, r->max);
  return expected();
}

}  // namespace emostream::cli
