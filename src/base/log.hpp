#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include <spdlog/spdlog.h>

namespace emostream::log {

// Lines for people say spdlog::error("… failed: {}", …) and its like; what operators count and search says
// log::info("session opened", {{"session", id}, {"user", name}}). No line ever holds a token or an image.
// Text of any origin may go into either: a line stays one line, and UTF-8.

/// A fact of a line under a name of its own. Refers to the text it is given. Names are snake_case, and none
/// of time, level and message.
class field {
 public:
  using value_type = std::variant<std::string_view, std::int64_t, double>;

  field(std::string_view name, std::string_view text) : name_(name), value_(text) {}
  field(std::string_view name, const std::string& text) : field(name, std::string_view(text)) {}
  field(std::string_view name, const char* text) : field(name, std::string_view(text)) {}
  field(std::string_view name, std::integral auto n) : name_(name), value_(static_cast<std::int64_t>(n)) {}
  field(std::string_view name, double d) : name_(name), value_(d) {}

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const value_type& value() const { return value_; }

 private:
  std::string_view name_;
  value_type value_;
};

/// Writes an event, in words that are always the same, and its facts. Any thread.
void write(spdlog::level::level_enum level, std::string_view event, std::initializer_list<field> facts);
inline void debug(std::string_view event, std::initializer_list<field> facts = {}) {
  write(spdlog::level::debug, event, facts);
}
inline void info(std::string_view event, std::initializer_list<field> facts = {}) {
  write(spdlog::level::info, event, facts);
}
inline void warn(std::string_view event, std::initializer_list<field> facts = {}) {
  write(spdlog::level::warn, event, facts);
}

/// Sets the level ("trace", "debug", "info", "warn", "error", "off") and the form of the lines (text, or one
/// JSON object a line) of the process's logger, which writes to stderr. False if the level has no such name.
bool configure(std::string_view level, bool json);

}  // namespace emostream::log
