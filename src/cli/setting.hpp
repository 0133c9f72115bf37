#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <ratio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace emostream::cli {

/// The value of a setting, in one of the types of a TOML file.
using setting_value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// One setting: its key, the option that holds its value, the accepted values, and a help text. The option's
/// initial value is the default. The setting refers to the option, which must outlive it.
class setting {
 public:
  /// The `max` of an integer that has no upper limit.
  static constexpr auto unlimited = std::numeric_limits<std::int64_t>::max();

  setting(std::string key, bool& option, std::string help);
  setting(std::string key, std::string& option, std::string help);
  setting(std::string key, std::filesystem::path& option, std::string help);
  setting(std::string key, std::vector<std::string>& option, std::string help);
  setting(std::string key, double& option, double min, double max, std::string help);

  /// The empty string stands for std::nullopt.
  setting(std::string key, std::optional<std::string>& option, std::string help);

  /// Accepts only the strings in `choices`.
  setting(std::string key, std::string& option, std::vector<std::string> choices, std::string help);

  template <std::integral Integer>
  setting(std::string key, Integer& option, std::int64_t min, std::int64_t max, std::string help)
      : setting(
            std::move(key), std::move(help), range<std::int64_t>{min, max},
            [&option] { return static_cast<std::int64_t>(option); },
            [&option](std::int64_t value) { option = static_cast<Integer>(value); }) {
    if (!std::in_range<Integer>(min) || !std::in_range<Integer>(max))
      throw std::logic_error("the bounds of " + key_ + " do not fit its option");
  }

  /// The value is a number of milliseconds or seconds, whichever is the duration's unit; the key must end in
  /// `_ms` or `_s` accordingly.
  template <class Rep, class Period>
  setting(std::string key, std::chrono::duration<Rep, Period>& option, std::int64_t min, std::int64_t max,
          std::string help)
      : setting(
            std::move(key), std::move(help), range<std::int64_t>{min, max},
            [&option] { return static_cast<std::int64_t>(option.count()); },
            [&option](std::int64_t value) { option = std::chrono::duration<Rep, Period>(value); }) {
    static_assert(std::is_same_v<Period, std::milli> || std::is_same_v<Period, std::ratio<1>>);
    if (!key_.ends_with(std::is_same_v<Period, std::milli> ? "_ms" : "_s"))
      throw std::logic_error("the key " + key_ + " does not end in the unit of its option");
  }

  /// false stands for std::nullopt, true for the option's default or, if that is std::nullopt, for T{}.
  template <class T>
  setting(std::string key, std::optional<T>& option, std::string help)
      : setting(
            std::move(key), std::move(help), {}, [&option] { return option.has_value(); },
            [&option, enabled = option.value_or(T{})](bool value) {
              option = value ? std::optional(enabled) : std::nullopt;
            }) {}

  /// A string member of an optional struct; the empty string stands for std::nullopt.
  template <class T>
  setting(std::string key, std::optional<T>& option, std::string T::*member, std::string help)
      : setting(
            std::move(key), std::move(help), {},
            [&option, member] { return option ? (*option).*member : std::string(); },
            [&option, member](const std::string& value) {
              option = value.empty() ? std::nullopt : std::optional(T{});
              if (option) (*option).*member = value;
            }) {}

  /// An enumerator, given by its name in `choices`.
  template <class Enum>
  requires std::is_enum_v<Enum> setting(std::string key, Enum& option,
                                        std::vector<std::pair<std::string, Enum>> choices, std::string help)
      : setting(
            std::move(key), std::move(help), names_of(choices),
            [&option, choices] {
              for (const auto& [name, value] : choices) {
                if (value == option) return name;
              }
              return std::string();
            },
            [&option, choices](const std::string& chosen) {
              for (const auto& [name, value] : choices) {
                if (name == chosen) option = value;
              }
            }) {}

  /// `table.name`, as in the file.
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] std::string_view table() const;
  [[nodiscard]] std::string_view name() const;
  /// One or two sentences.
  [[nodiscard]] const std::string& help() const { return help_; }

  /// The option's current value. Its type never changes.
  [[nodiscard]] setting_value value() const { return get_(); }
  /// Sets the option. Returns false and changes nothing if the value is not accepted. `value` must have the
  /// type of value().
  [[nodiscard]] bool assign(const setting_value& value) const;

  /// The accepted values, phrased to follow "must be" in a message: "a whole number from 0 to 65535".
  [[nodiscard]] std::string expected() const;
  /// The accepted values in brief, for a column of a table: "0 to 65535".
  [[nodiscard]] std::string accepted_in_short() const;

 private:
  template <class Number>
  struct range {
    Number min, max;
    /// False for NaN.
    [[nodiscard]] bool contains(Number n) const { return n >= min && n <= max; }
  };
  using names = std::vector<std::string>;
  using constraint = std::variant<std::monostate, range<std::int64_t>, range<double>, names>;

  template <class Get, class Set>
  setting(std::string key, std::string help, constraint accepted, Get get, Set set)
      : key_(std::move(key)),
        help_(std::move(help)),
        accepted_(std::move(accepted)),
        get_([get] { return setting_value(get()); }),
        set_([set](const setting_value& value) { set(std::get<decltype(get())>(value)); }) {}

  template <class Enum>
  static names names_of(const std::vector<std::pair<std::string, Enum>>& choices) {
    names all;
    for (const auto& choice : choices) all.push_back(choice.first);
    return all;
  }

  std::string key_;
  std::string help_;
  constraint accepted_;
  std::function<setting_value()> get_;
  std::function<void(const setting_value&)> set_;
};

}  // namespace emostream::cli
