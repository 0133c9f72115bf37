#include "cli/settings_table.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <span>
#include <sstream>
#include <string_view>
#include <type_traits>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <toml++/toml.h>

namespace emostream::cli {

namespace {

constexpr std::string_view prefix = "EMOSTREAM_";

std::string environment_name(std::string_view key) {
  std::string name(prefix);
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// ---- values in the file

template <class T>
std::optional<T> from_toml(const toml::node& node) {
  return node.value_exact<T>();
}
template <>
std::optional<std::int64_t> from_toml(const toml::node& node) {
  return node.value<std::int64_t>();
}
template <>
std::optional<double> from_toml(const toml::node& node) {
  return node.value<double>();  // an integer is accepted as well
}
template <>
std::optional<std::vector<std::string>> from_toml(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> strings;
  for (const auto& element : *array) {
    auto s = element.value_exact<std::string>();
    if (!s) return std::nullopt;
    strings.push_back(std::move(*s));
  }
  return strings;
}

// ---- values in the environment

template <class Number>
std::optional<Number> from_text(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}
template <>
std::optional<bool> from_text(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}
template <>
std::optional<std::string> from_text(std::string_view text) {
  return std::string(text);
}
template <>
std::optional<std::vector<std::string>> from_text(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma != 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

std::optional<setting_value> parse(const toml::node& node, const setting_value& type) {
  return std::visit([&]<class T>(const T&) -> std::optional<setting_value> { return from_toml<T>(node); },
                    type);
}
std::optional<setting_value> parse(std::string_view text, const setting_value& type) {
  return std::visit([&]<class T>(const T&) -> std::optional<setting_value> { return from_text<T>(text); },
                    type);
}

template <class Source>
void read(const setting& s, const Source& from, const std::string& source) {
  const auto value = parse(from, s.value());
  if (!value || !s.assign(*value)) throw config_error(source + ": " + s.key() + " must be " + s.expected());
}

bool is_table(std::span<const setting> all, const std::string& name) {
  return std::ranges::any_of(all, [&](const setting& s) { return s.key().starts_with(name + '.'); });
}

/// Whether the variable's name begins with the prefix of a table, such as EMOSTREAM_SERVER_. Such a variable
/// that is not a setting is misspelt.
bool has_table_prefix(std::span<const setting> all, std::string_view variable) {
  return std::ranges::any_of(all, [&](const setting& s) {
    return !s.table().empty() && variable.starts_with(environment_name(s.table()) + '_');
  });
}

void read_table(std::span<const setting> all, const toml::table& table, const std::string& path,
                const std::string& source) {
  for (const auto& [name, node] : table) {
    const std::string key = path + std::string(name.str());
    if (const auto found = std::ranges::find(all, key, &setting::key); found != all.end())
      read(*found, node, source);
    else if (const auto* inner = node.as_table())
      read_table(all, *inner, key + '.', source);
    else if (is_table(all, key))
      throw config_error(source + ": " + key + " must be a table");
    else
      throw config_error(source + ": unknown key " + key);
  }
}

void read_file(std::span<const setting> all, const std::string& file) {
  try {
    read_table(all, toml::parse_file(file), "", file);
  } catch (const toml::parse_error& e) {
    throw config_error(file + ":" + std::to_string(e.source().begin.line) + ": " +
                       std::string(e.description()));
  }
}

/// Assigns the settings of the environment. Returns the names of the other EMOSTREAM_ variables; one with the
/// prefix of a table is a config_error.
std::vector<std::string> read_environment(std::span<const setting> all,
                                          const std::vector<std::string>& environ) {
  std::vector<std::string> unrecognized;
  for (const auto& variable : environ) {
    if (!variable.starts_with(prefix)) continue;
    const auto equals = variable.find('=');
    std::string name = variable.substr(0, equals);
    const auto found =
        std::ranges::find(all, name, [](const setting& s) { return environment_name(s.key()); });
    if (found != all.end())
      read(*found, std::string_view(variable).substr(equals + 1), "environment variable " + name);
    else if (has_table_prefix(all, name))
      throw config_error("environment: unknown variable " + name);
    else
      unrecognized.push_back(std::move(name));
  }
  return unrecognized;
}

std::string toml_of(const setting_value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    const auto text = fmt::format("{}", *number);  // toml++ writes 0.1 as 0.10000000000000001
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  std::ostringstream out;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    toml::array array;
    for (const auto& s : *list) array.push_back(s);
    out << array;
  } else {
    std::visit(
        [&]<class T>(const T& v) {
          if constexpr (!std::is_same_v<T, std::vector<std::string>>) out << toml::value<T>{v};
        },
        value);
  }
  return out.str();
}

}  // namespace

std::vector<std::string> settings_table::load(const std::optional<std::filesystem::path>& file,
                                              const std::vector<std::string>& environ) const {
  if (file) read_file(all_, file->string());
  return read_environment(all_, environ);
}

std::string settings_table::to_toml() const {
  std::string text;
  std::string_view table;
  for (const auto& s : all_) {
    if (s.table() != table) {
      table = s.table();
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", table);
    }
    text += fmt::format("# {}\n{} = {}\n", s.help(), s.name(), toml_of(s.value()));
  }
  return text;
}

std::string settings_table::to_markdown() const {
  std::string text;
  std::string_view table;
  for (const auto& s : all_) {
    if (text.empty() || s.table() != table) {
      table = s.table();
      text += fmt::format("{}## {}\n\n| key | values | default | meaning |\n|---|---|---|---|\n",
                          text.empty() ? "" : "\n", table.empty() ? "general" : table);
    }
    text += fmt::format("| `{}` | {} | `{}` | {} |\n", s.name(), s.accepted_in_short(), toml_of(s.value()),
                        s.help());
  }
  return text;
}

}  // namespace emostream::cli
