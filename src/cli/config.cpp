#include "cli/config.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>
#include <variant>

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

struct integer_range {
  std::int64_t min, max;
};
struct number_range {
  double min, max;
};

std::string in_words(integer_range r) {
  return "a whole number from " + std::to_string(r.min) + " to " + std::to_string(r.max);
}
std::string in_words(number_range r) {
  std::ostringstream out;
  out << "a number from " << r.min << " to " << r.max;
  return out.str();
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma != 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One class for each type of a value: how it is read from TOML and from text, and written again. The readers
// return false where the value will not do; expected() then says what would.

struct bool_binding {
  bool& value;

  bool read(const toml::node& node) const { return assign(node.value_exact<bool>()); }
  bool read(std::string_view text) const {
    if (text == "true" || text == "1") return assign(true);
    if (text == "false" || text == "0") return assign(false);
    return false;
  }
  static std::string expected() { return "true or false"; }
  [[nodiscard]] toml::value<bool> write() const { return toml::value<bool>{value}; }

 private:
  bool assign(std::optional<bool> v) const {
    if (v) value = *v;
    return v.has_value();
  }
};

struct string_binding {
  std::string& value;

  bool read(const toml::node& node) const {
    const auto v = node.value_exact<std::string>();
    if (v) value = *v;
    return v.has_value();
  }
  bool read(std::string_view text) const {
    value = text;
    return true;
  }
  static std::string expected() { return "a string"; }
  [[nodiscard]] toml::value<std::string> write() const { return toml::value<std::string>{value}; }
};

template <class Number, class Range>
struct number_binding {
  Number& value;
  Range range;

  bool read(const toml::node& node) const { return assign(node.value<Number>()); }
  bool read(std::string_view text) const { return assign(parse_number<Number>(text)); }
  [[nodiscard]] std::string expected() const { return in_words(range); }
  [[nodiscard]] toml::value<Number> write() const { return toml::value<Number>{value}; }

 private:
  bool assign(std::optional<Number> v) const {
    // written so that NaN fails it
    if (!v || !(*v >= range.min && *v <= range.max)) return false;
    value = *v;
    return true;
  }
};

struct list_binding {
  std::vector<std::string>& value;

  bool read(const toml::node& node) const {
    const auto* array = node.as_array();
    if (array == nullptr) return false;
    std::vector<std::string> read;
    for (const auto& element : *array) {
      auto s = element.value_exact<std::string>();
      if (!s) return false;
      read.push_back(std::move(*s));
    }
    value = std::move(read);
    return true;
  }
  bool read(std::string_view text) const {
    value = split_at_commas(text);
    return true;
  }
  static std::string expected() { return "a list of strings"; }
  [[nodiscard]] toml::array write() const {
    toml::array array;
    for (const auto& s : value) array.push_back(s);
    return array;
  }
};

using binding = std::variant<bool_binding, string_binding, number_binding<std::int64_t, integer_range>,
                             number_binding<double, number_range>, list_binding>;

}  // namespace

struct config::impl {
  struct entry {
    std::string key;
    std::string help;
    binding target;
  };
  std::vector<entry> entries;

  template <class Value>
  void read(const entry& e, const Value& value, const std::string& source) const {
    std::visit(
        [&](const auto& target) {
          if (!target.read(value))
            throw config_error(source + ": " + e.key + " must be " + target.expected());
        },
        e.target);
  }

  void read_table(const toml::table& table, const std::string& path, const std::string& source) const {
    for (const auto& [name, node] : table) {
      const std::string key = path + std::string(name.str());
      if (const auto found = std::ranges::find(entries, key, &entry::key); found != entries.end())
        read(*found, node, source);
      else if (const auto* inner = node.as_table())
        read_table(*inner, key + '.', source);
      else if (is_table(key))
        throw config_error(source + ": " + key + " must be a table");
      else
        throw config_error(source + ": unknown key " + key);
    }
  }

  /// True if there are keys in a table of that name.
  [[nodiscard]] bool is_table(const std::string& name) const {
    return std::ranges::any_of(entries, [&](const entry& e) { return e.key.starts_with(name + '.'); });
  }

  /// True if the variable belongs to a table that some key is in: then its name is a misspelt key.
  [[nodiscard]] bool names_a_table(std::string_view variable) const {
    return std::ranges::any_of(entries, [&](const entry& e) {
      const auto dot = e.key.find('.');
      return dot != std::string::npos && variable.starts_with(environment_name(e.key.substr(0, dot + 1)));
    });
  }

  std::vector<std::string> read_environment(const std::vector<std::string>& environ) const {
    std::vector<std::string> foreign;
    for (const auto& variable : environ) {
      if (!variable.starts_with(prefix)) continue;
      const auto equals = variable.find('=');
      std::string name = variable.substr(0, equals);
      const auto found =
          std::ranges::find_if(entries, [&](const entry& e) { return environment_name(e.key) == name; });
      if (found != entries.end())
        read(*found, std::string_view(variable).substr(equals + 1), "environment variable " + name);
      else if (names_a_table(name))
        throw config_error("environment: unknown variable " + name);
      else
        foreign.push_back(std::move(name));
    }
    return foreign;
  }
};

config::config() : impl_(std::make_unique<impl>()) {}
config::~config() = default;

void config::bind(std::string key, bool& value, std::string help) {
  impl_->entries.push_back({std::move(key), std::move(help), bool_binding{value}});
}
void config::bind(std::string key, std::string& value, std::string help) {
  impl_->entries.push_back({std::move(key), std::move(help), string_binding{value}});
}
void config::bind(std::string key, std::int64_t& value, std::int64_t min, std::int64_t max,
                  std::string help) {
  impl_->entries.push_back(
      {std::move(key), std::move(help), number_binding<std::int64_t, integer_range>{value, {min, max}}});
}
void config::bind(std::string key, double& value, double min, double max, std::string help) {
  impl_->entries.push_back(
      {std::move(key), std::move(help), number_binding<double, number_range>{value, {min, max}}});
}
void config::bind(std::string key, std::vector<std::string>& value, std::string help) {
  impl_->entries.push_back({std::move(key), std::move(help), list_binding{value}});
}

std::vector<std::string> config::load(const std::optional<std::filesystem::path>& file,
                                      const std::vector<std::string>& environ) {
  if (file) {
    try {
      impl_->read_table(toml::parse_file(file->string()), "", file->string());
    } catch (const toml::parse_error& e) {
      throw config_error(file->string() + ":" + std::to_string(e.source().begin.line) + ": " +
                         std::string(e.description()));
    }
  }
  return impl_->read_environment(environ);
}

std::string config::to_toml() const {
  std::ostringstream out;
  std::string section;
  for (const auto& entry : impl_->entries) {
    const auto dot = entry.key.rfind('.');
    if (auto table = entry.key.substr(0, dot == std::string::npos ? 0 : dot); table != section) {
      section = std::move(table);
      out << (out.view().empty() ? "[" : "\n[") << section << "]\n";
    }
    out << "# " << entry.help << '\n' << entry.key.substr(dot + 1) << " = ";
    std::visit([&](const auto& target) { out << target.write(); }, entry.target);
    out << '\n';
  }
  return out.str();
}

}  // namespace emostream::cli
