#include "value_writer.hpp"

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

namespace emostream::fuzzing {

namespace {

void append(bytes& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
}

class json final : public value_writer {
 public:
  void number(std::string_view text) override {
    separate();
    append(out_, text);
  }
  void string(std::string_view text) override {
    separate();
    quote(text, 1);
  }
  void escaped(std::string_view escape, std::size_t times) override {
    separate();
    quote(escape, times);
  }
  void begin_array(std::size_t) override { open('['); }
  void end_array() override { close(']'); }
  void begin_object(std::size_t) override { open('{'); }
  void key(std::string_view name) override {
    separate();
    quote(name, 1);
    out_.push_back(':');
    first_ = true;
  }
  void end_object() override { close('}'); }
  [[nodiscard]] std::size_t size() const override { return out_.size(); }
  [[nodiscard]] bytes take() override { return std::exchange(out_, {}); }

 private:
  void separate() {
    if (!std::exchange(first_, false)) out_.push_back(',');
  }
  void quote(std::string_view text, std::size_t times) {
    out_.push_back('"');
    for (; times > 0; --times) append(out_, text);
    out_.push_back('"');
  }
  void open(char bracket) {
    separate();
    out_.push_back(static_cast<std::uint8_t>(bracket));
    first_ = true;
  }
  void close(char bracket) {
    out_.push_back(static_cast<std::uint8_t>(bracket));
    first_ = false;
  }

  bytes out_;
  bool first_ = true;
};

class msgpack final : public value_writer {
 public:
  void number(std::string_view text) override {
    if (text.size() == 1) return out_.push_back(static_cast<std::uint8_t>(text.front() - '0'));
    const std::string terminated(text.substr(0, 400));
    put(0xCB, std::bit_cast<std::uint64_t>(std::strtod(terminated.c_str(), nullptr)), 8);
  }
  void string(std::string_view text) override {
    put(0xDB, text.size(), 4);
    append(out_, text);
  }
  void escaped(std::string_view escape, std::size_t times) override {
    put(0xDB, escape.size() * times, 4);
    for (; times > 0; --times) append(out_, escape);
  }
  void begin_array(std::size_t size) override {
    if (size < 16)
      put(static_cast<std::uint8_t>(0x90 | size), 0, 0);
    else
      put(0xDD, size, 4);
  }
  void end_array() override {}
  void begin_object(std::size_t size) override { put(0xDF, size, 4); }
  void key(std::string_view name) override {
    if (name.size() < 32)
      put(static_cast<std::uint8_t>(0xA0 | name.size()), 0, 0);
    else
      put(0xDB, name.size(), 4);
    append(out_, name);
  }
  void end_object() override {}
  [[nodiscard]] std::size_t size() const override { return out_.size(); }
  [[nodiscard]] bytes take() override { return std::exchange(out_, {}); }

 private:
  void put(std::uint8_t type, std::uint64_t value, int value_bytes) {
    out_.push_back(type);
    while (value_bytes-- > 0) out_.push_back(static_cast<std::uint8_t>(value >> 8 * value_bytes));
  }

  bytes out_;
};

}  // namespace

std::unique_ptr<value_writer> json_writer() {
  return std::make_unique<json>();
}

std::unique_ptr<value_writer> msgpack_writer() {
  return std::make_unique<msgpack>();
}

}  // namespace emostream::fuzzing
