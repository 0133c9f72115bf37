#include "generators.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "value_writer.hpp"

namespace emostream::fuzzing {

namespace {

constexpr std::size_t max_bytes = 2'000'000;

/// The hash that Boost.JSON 1.81 gives a key, if the lowest byte of its salt is `salt`. The other bytes add
/// the same to the hashes of all keys of one length.
std::uint64_t boost_hash(std::string_view key, std::uint64_t salt) {
  std::uint64_t hash = 0xcbf29ce484222325U + salt;
  for (const char c : key) hash = (static_cast<std::uint64_t>(c) ^ hash) * 0x100000001B3U;
  return hash;
}

/// Keys of one length that are in the same bucket of an object with `buckets` of them, a power of two.
std::vector<std::string> colliding_keys(std::size_t count, std::size_t buckets, std::uint64_t salt) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; keys.size() < count; ++i) {
    std::string key(6, '0');
    for (std::size_t place = 0; place < key.size(); ++place) key[place] = digits[i >> 6 * place & 63];
    if (boost_hash(key, salt) % buckets == 0) keys.push_back(std::move(key));
  }
  return keys;
}

/// Objects of one shape: how many members, and which keys.
class object_shape {
 public:
  explicit object_shape(choices& from) {
    const auto members = from.of<std::size_t>({1, 2, 8, 64, 256, 512, 511, 1000});
    switch (from.below(4)) {
      case 0:
        keys_ = colliding_keys(members, std::bit_ceil(members), from.below(16) * 16);
        break;
      case 1:
        for (std::size_t i = 0; i < members; ++i) keys_.push_back(std::to_string(i));
        break;
      case 2:  // told apart by their last bytes
        for (std::size_t i = 0; i < members; ++i)
          keys_.push_back(std::string(max_bytes / 2 / members, 'a') + std::to_string(10'000 + i));
        break;
      default:
        keys_.assign(members, "same");
    }
  }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

 private:
  std::vector<std::string> keys_;
};

/// Values of one shape, which the genes choose.
class value_shape {
 public:
  explicit value_shape(choices& from)
      : kind_(from.below(7)),
        depth_(from.below(31)),
        length_(from.of<std::size_t>({0, 1, 15, 40, 400, 20'000, 1'900'000})),
        text_(from.of<std::string_view>(
            {"a", "\\n", "\\u0001", "\\uD83D\\uDE00", "\xC3\xA9", "\xF0\x9F\x98\x80", "\x01"})),
        number_(from.of<std::string_view>(
            {"0", "-1", "123456789012345678", "0.1", "1e-300", "2.2250738585072011e-308"})),
        digits_(from.of<std::size_t>({0, 20, 400, 100'000})),
        elements_(from.of<std::size_t>({0, 1, 15, 1000, 49'000})),
        objects_(from) {}

  void write(value_writer& to) const {
    switch (kind_) {
      case 0:
        to.number(number_);
        break;
      case 1:
        to.number("0." + std::string(digits_ + 1, '7') + "e-200");
        break;
      case 2:
        to.escaped(text_, length_ / text_.size());
        break;
      case 3:
        for (std::size_t i = 0; i < depth_; ++i) to.begin_array(1);
        to.number(number_);
        for (std::size_t i = 0; i < depth_; ++i) to.end_array();
        break;
      case 4:
        to.begin_array(elements_);
        for (std::size_t i = 0; i < elements_; ++i) to.number(number_);
        to.end_array();
        break;
      case 5:
        for (std::size_t i = 0; i < depth_; ++i) {
          to.begin_object(1);
          to.key("a");
        }
        to.number(number_);
        for (std::size_t i = 0; i < depth_; ++i) to.end_object();
        break;
      default:
        to.begin_object(objects_.keys().size());
        for (const auto& key : objects_.keys()) {
          to.key(key);
          to.number("0");
        }
        to.end_object();
    }
  }

 private:
  std::size_t kind_;
  std::size_t depth_;
  std::size_t length_;
  std::string_view text_;
  std::string_view number_;
  std::size_t digits_;
  std::size_t elements_;
  object_shape objects_;
};

std::size_t written_bytes(const value_shape& shape, value_writer& scratch) {
  shape.write(scratch);
  return scratch.take().size() + 1;
}

/// How often values of two shapes follow each other: as often as fits, or less.
struct repetition {
  value_shape first;
  value_shape second;
  std::size_t limit;

  explicit repetition(choices& from)
      : first(from), second(from), limit(from.of<std::size_t>({49'990, 24'000, 1000, 30, 8, 1})) {}

  [[nodiscard]] std::size_t count(value_writer& scratch) const {
    const std::size_t pair = written_bytes(first, scratch) + written_bytes(second, scratch);
    return std::min(limit, (max_bytes - 100) / pair);
  }
};

}  // namespace

bytes json_event(choices& from) {
  const repetition content(from);
  const auto writer = json_writer();
  const std::size_t count = content.count(*json_writer());
  writer->begin_array(1 + 2 * count);
  writer->string("e");
  for (std::size_t i = 0; i < count; ++i) {
    content.first.write(*writer);
    content.second.write(*writer);
  }
  writer->end_array();
  const bytes packet = writer->take();
  constexpr std::string_view header = "420";  // a message with an event that requests acknowledgement 0
  bytes message(header.begin(), header.end());
  message.insert(message.end(), packet.begin(), packet.end());
  return message;
}

bytes msgpack_event(choices& from) {
  const repetition content(from);
  const auto writer = msgpack_writer();
  const std::size_t count = content.count(*msgpack_writer());
  writer->begin_object(4);
  writer->key("type");
  writer->number("2");
  writer->key("nsp");
  writer->string("/");
  writer->key("id");
  writer->number("0");
  writer->key("data");
  writer->begin_array(1 + 2 * count);
  writer->string("e");
  for (std::size_t i = 0; i < count; ++i) {
    content.first.write(*writer);
    content.second.write(*writer);
  }
  writer->end_array();
  writer->end_object();
  return writer->take();
}

bytes post_body(choices& from) {
  const auto choose_packet = [&from] {
    return from.of<std::string_view>(
        {"2", "3", "4", "40", "41", "42[\"e\"]", "420[\"e\"]", "42[\"e\",[[[[[[[[[[1]]]]]]]]]]]",
         "451-[\"e\",{\"_placeholder\":true,\"num\":0}]", "bAAAA", "430[]", "44/a,{}"});
  };
  const std::string_view first = choose_packet();
  const std::string_view second = choose_packet();
  const std::size_t padding = from.of<std::size_t>({0, 10, 1000, 1'900'000});
  const std::size_t count = std::min<std::size_t>(from.of<std::size_t>({10'000, 9999, 1000, 100, 1}),
                                                  max_bytes / (first.size() + second.size() + padding + 2));
  bytes body;
  for (std::size_t i = 0; i < count; ++i)
    for (const auto packet : {first, second}) {
      if (!body.empty()) body.push_back(0x1E);
      body.insert(body.end(), packet.begin(), packet.end());
      if (packet == second) body.insert(body.end(), padding, ' ');
    }
  return body;
}

}  // namespace emostream::fuzzing
