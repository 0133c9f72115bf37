#include "base/log.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unistd.h>
#include <utility>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include "base/line_writer.hpp"
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

/// Passes formatted lines to a line_writer. Colours the level on a terminal.
class stderr_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  [[nodiscard]] std::uint64_t dropped() const { return writer_.dropped(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    if (writer_.write(format(msg)) && writer_.dropped() != reported_) report_dropped();
  }
  void flush_() override {}

 private:
  /// Writes a line that tells how many lines were dropped.
  void report_dropped() {
    const auto total = writer_.dropped();
    const field lines("lines", total - reported_);
    const auto interrupted = std::exchange(current_fields, {&lines, 1});
    if (writer_.write(format({"", spdlog::level::warn, "log lines were dropped"}))) reported_ = total;
    current_fields = interrupted;
  }

  std::string format(const spdlog::details::log_msg& msg) {
    buffer out;
    formatter_->format(msg, out);
    std::string line(out.data(), out.size());
    if (!terminal_ || msg.color_range_end <= msg.color_range_start) return line;
    line.insert(msg.color_range_end, "\033[m");
    line.insert(msg.color_range_start, msg.level >= spdlog::level::err    ? "\033[31m"
                                       : msg.level == spdlog::level::warn ? "\033[33m"
                                                                          : "\033[32m");
    return line;
  }

  line_writer writer_{STDERR_FILENO, 1 << 20};
  const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  std::uint64_t reported_ = 0;
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

  auto logger = std::make_shared<spdlog::logger>("", std::make_shared<stderr_sink>());
  logger->set_level(parsed);
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<message_formatter>('*', json).add_flag<fields_formatter>('&', json).set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%*"%&})"
           : "%H:%M:%S.%e %^%-5l%$ %*%&");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
  return true;
}

std::uint64_t dropped_lines() {
  const auto logger = spdlog::default_logger();
  const auto& sinks = logger->sinks();
  const auto* sink = sinks.empty() ? nullptr : dynamic_cast<const stderr_sink*>(sinks.front().get());
  return sink ? sink->dropped() : 0;
}

}  // namespace emostream::log
