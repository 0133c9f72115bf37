#include "base/log.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include "base/utf8.hpp"

namespace emostream::log {

namespace {

using buffer = spdlog::memory_buf_t;

void append(std::string_view text, buffer& out) {
  out.append(text.data(), text.data() + text.size());
}

/// The UTF-8 character that `text` starts with; empty if it does not start with a valid one.
std::string_view first_character(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size)
    if (is_utf8(text.substr(0, size))) return text.substr(0, size);
  return {};
}

/// Appends `text` escaped like the content of a JSON string (RFC 8259 section 7), which is safe in a terminal
/// too: control characters are escaped and invalid UTF-8 is replaced. Quotes and backslashes are escaped if
/// `quoted`.
void append_safe(std::string_view text, bool quoted, buffer& out) {
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    const auto first = static_cast<unsigned char>(text.front());
    const auto last = static_cast<unsigned char>(character.empty() ? 0 : character.back());
    if (character.empty()) {
      append("\uFFFD", out);
    } else if (first < 0x20 || first == 0x7F || (first == 0xC2 && last < 0xA0)) {  // C0, DEL, C1
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(last));
    } else {
      if (quoted && (first == '"' || first == '\\')) out.push_back('\\');
      append(character, out);
    }
    text.remove_prefix(std::max<std::size_t>(1, character.size()));
  }
}

/// Texts in fields are truncated to this many bytes, so that clients cannot fill the disk.
constexpr std::size_t max_text_bytes = 256;

void append_quoted(std::string_view text, buffer& out) {
  out.push_back('"');
  append_safe(text.substr(0, max_text_bytes), true, out);
  if (text.size() > max_text_bytes) append("…", out);
  out.push_back('"');
}

void append_number(std::int64_t n, buffer& out) {
  fmt::format_to(std::back_inserter(out), "{}", n);
}
void append_number(double d, buffer& out) {
  if (std::isfinite(d))
    fmt::format_to(std::back_inserter(out), "{}", d);
  else
    append("null", out);  // JSON has no infinities and no NaN
}

/// The fields of the line that this thread is writing. spdlog's messages cannot carry them, but its formatter
/// runs before log() returns.
thread_local std::span<const field> current_fields;

class message_formatter : public spdlog::custom_flag_formatter {
 public:
  explicit message_formatter(bool json) : json_(json) {}
  void format(const spdlog::details::log_msg& msg, const std::tm&, buffer& out) override {
    append_safe({msg.payload.data(), msg.payload.size()}, json_, out);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<message_formatter>(json_);
  }

 private:
  bool json_;
};

class fields_formatter : public spdlog::custom_flag_formatter {
 public:
  explicit fields_formatter(bool json) : json_(json) {}
  void format(const spdlog::details::log_msg&, const std::tm&, buffer& out) override {
    for (const field& f : current_fields) {
      append(json_ ? ",\"" : " ", out);
      append(f.name(), out);
      append(json_ ? "\":" : "=", out);
      if (const auto* text = std::get_if<std::string_view>(&f.value()))
        append_quoted(*text, out);
      else if (const auto* n = std::get_if<std::int64_t>(&f.value()))
        append_number(*n, out);
      else
        append_number(std::get<double>(f.value()), out);
    }
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<fields_formatter>(json_);
  }

 private:
  bool json_;
};

}  // namespace

void write(spdlog::level::level_enum level, std::string_view event, std::initializer_list<field> fields) {
  current_fields = fields;
  spdlog::log(level, spdlog::string_view_t(event.data(), event.size()));
  current_fields = {};
}

bool configure(std::string_view level, bool json) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") return false;

  auto logger = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(parsed);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<message_formatter>('*', json).add_flag<fields_formatter>('&', json).set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%*"%&})"
           : "%H:%M:%S.%e %^%-5l%$ %*%&");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
  return true;
}

}  // namespace emostream::log
