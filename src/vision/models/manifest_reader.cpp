#include "vision/models/manifest_reader.hpp"

#include <cctype>
#include <cstdint>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <toml++/toml.h>

namespace emostream::vision {

namespace {

std::string to_text(double v) {
  std::ostringstream out;
  out << v;
  return out.str();
}

std::string to_text(const std::vector<std::string_view>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i)
    text += (i == 0 ? "\"" : i + 1 == choices.size() ? " or \"" : ", \"") + std::string(choices[i]) + '"';
  return text;
}

/// The value in TOML, on one line and shortened if it is long.
std::string to_text(const toml::node& node) {
  std::ostringstream out;
  out << toml::toml_formatter(node);
  std::string text;
  for (const char c : std::move(out).str()) {
    const bool is_space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!is_space || !text.ends_with(' ')) text += is_space ? ' ' : c;
  }
  constexpr std::size_t max_size = 100;
  if (text.size() > max_size) text = text.substr(0, max_size) + "…";
  return text;
}

std::string range(double min, double max) {
  return "from " + to_text(min) + " to " + to_text(max);
}

}  // namespace

struct manifest_reader::impl {
  std::filesystem::path file;
  toml::table table;
  std::set<std::string, std::less<>> read;

  toml::node_view<const toml::node> at(std::string_view key) {
    read.emplace(key);
    return std::as_const(table).at_path(key);
  }

  [[noreturn]] void fail(std::string_view key, const std::string& what) const {
    throw std::runtime_error(file.string() + ": " + std::string(key) + ' ' + what);
  }

  /// Throws with the expected and the actual value.
  [[noreturn]] void reject(std::string_view key, const std::string& expected, const toml::node* found) const {
    if (found == nullptr) fail(key, "is missing: it must be " + expected);
    fail(key, "must be " + expected + ", not " + to_text(*found));
  }
  [[noreturn]] void reject(std::string_view key, const std::string& expected) const {
    reject(key, expected, table.at_path(key).node());
  }

  double number(const toml::node& node, std::string_view key, double min, double max,
                const std::string& expected, const toml::node& shown) const {
    const auto value = node.value<double>();
    // Written so that NaN fails too.
    if (!node.is_number() || !value || !(*value >= min && *value <= max)) reject(key, expected, &shown);
    return *value;
  }

  void reject_unknown_keys(const toml::table& in, const std::string& path) const {
    for (const auto& [name, node] : in) {
      const std::string key = path + std::string(name.str());
      if (read.contains(key)) continue;
      const auto* inner = node.as_table();
      if (inner == nullptr) fail(key, "is not a key of such a manifest");
      reject_unknown_keys(*inner, key + '.');
    }
  }
};

manifest_reader::manifest_reader(std::filesystem::path file) : impl_(std::make_unique<impl>()) {
  impl_->file = std::move(file);
  try {
    impl_->table = toml::parse_file(impl_->file.string());
  } catch (const toml::parse_error& e) {
    throw std::runtime_error(impl_->file.string() + ':' + std::to_string(e.source().begin.line) + ": " +
                             std::string(e.description()));
  }
}

manifest_reader::~manifest_reader() = default;

bool manifest_reader::has(std::string_view key) const {
  return static_cast<bool>(std::as_const(impl_->table).at_path(key));
}

std::string manifest_reader::string(std::string_view key) const {
  const auto value = impl_->at(key).value_exact<std::string>();
  if (!value || value->empty()) impl_->reject(key, "a non-empty string");
  return *value;
}

std::string manifest_reader::string(std::string_view key, std::string_view fallback) const {
  return has(key) ? string(key) : std::string(fallback);
}

std::size_t manifest_reader::choice(std::string_view key,
                                    const std::vector<std::string_view>& choices) const {
  const auto value = impl_->at(key).value_exact<std::string>();
  for (std::size_t i = 0; value && i < choices.size(); ++i) {
    if (*value == choices[i]) return i;
  }
  impl_->reject(key, to_text(choices));
}

std::size_t manifest_reader::choice(std::string_view key, const std::vector<std::string_view>& choices,
                                    std::size_t fallback) const {
  return has(key) ? choice(key, choices) : fallback;
}

int manifest_reader::integer(std::string_view key, int min, int max) const {
  const auto value = impl_->at(key).value_exact<std::int64_t>();
  if (!value || *value < min || *value > max) impl_->reject(key, "a whole number " + range(min, max));
  return static_cast<int>(*value);
}

double manifest_reader::number(std::string_view key, double min, double max) const {
  const auto node = impl_->at(key);
  const std::string expected = "a number " + range(min, max);
  if (!node) impl_->reject(key, expected);
  return impl_->number(*node.node(), key, min, max, expected, *node.node());
}

std::vector<std::string> manifest_reader::strings(std::string_view key) const {
  static const std::string expected = "a non-empty array of distinct non-empty strings";
  const auto* array = impl_->at(key).as_array();
  if (array == nullptr || array->empty()) impl_->reject(key, expected);
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const auto& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value || value->empty() || !seen.insert(*value).second) impl_->reject(key, expected);
    values.push_back(*value);
  }
  return values;
}

std::vector<double> manifest_reader::numbers(std::string_view key, std::size_t count, double min,
                                             double max) const {
  const std::string expected =
      "an array of " + std::to_string(count) + (count == 1 ? " number " : " numbers ") + range(min, max);
  const auto* array = impl_->at(key).as_array();
  if (array == nullptr || array->size() != count) impl_->reject(key, expected);
  std::vector<double> values;
  for (const auto& element : *array)
    values.push_back(impl_->number(element, key, min, max, expected, *array));
  return values;
}

std::map<std::string, std::pair<double, double>> manifest_reader::pairs(std::string_view key, double min,
                                                                        double max) const {
  std::map<std::string, std::pair<double, double>> values;
  if (!has(key)) return values;
  const auto* table = impl_->at(key).as_table();
  if (table == nullptr) impl_->reject(key, "a table");
  for (const auto& [name, node] : *table) {
    const std::string path = std::string(key) + '.' + std::string(name.str());
    const std::string expected = "an array of 2 numbers " + range(min, max);
    const auto* array = node.as_array();
    if (array == nullptr || array->size() != 2) impl_->reject(path, expected, &node);
    const auto value = [&](std::size_t i) {
      return impl_->number((*array)[i], path, min, max, expected, node);
    };
    values.emplace(name.str(), std::pair(value(0), value(1)));
  }
  return values;
}

bool manifest_reader::is_integer(std::string_view key) const {
  return std::as_const(impl_->table).at_path(key).is_integer();
}

bool manifest_reader::is_table(std::string_view key) const {
  return std::as_const(impl_->table).at_path(key).is_table();
}

void manifest_reader::reject_unknown_keys() const {
  impl_->reject_unknown_keys(impl_->table, "");
}

void manifest_reader::fail(std::string_view key, std::string_view what) const {
  impl_->fail(key, std::string(what));
}

}  // namespace emostream::vision
