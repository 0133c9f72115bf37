#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include <spdlog/spdlog.h>

namespace emostream::log {

// For free-form messages:
//     spdlog::error("… failed: {}", …);
// For events that operators count and search:
//     log::info("session opened", {{"session", id}, {"user", name}});
// Untrusted text is safe in both: each message is written as one line of valid UTF-8. Never log a token or an
// image.

/// A named value of a log line. Does not copy text. Names are snake_case and must not be `time`, `level` or
/// `message`.
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

/// Writes an event and its fields; `event` is a constant string. Thread-safe.
void write(spdlog::level::level_enum level, std::string_view event, std::initializer_list<field> fields);
inline void debug(std::string_view event, std::initializer_list<field> fields = {}) {
  write(spdlog::level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<field> fields = {}) {
  write(spdlog::level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<field> fields = {}) {
  write(spdlog::level::warn, event, fields);
}

/// Configures the process's logger, which writes to stderr without blocking (see line_writer): the level (a
/// name of spdlog: "trace", "debug", "info", "warn", "error", "critical" or "off") and the format (text, or
/// one JSON object per line). Returns false if the level is unknown.
bool configure(std::string_view level, bool json);

/// The number of lines that were dropped because nobody reads stderr. A line reports them once there is space
/// again.
std::uint64_t dropped_lines();

}  // namespace emostream::log
