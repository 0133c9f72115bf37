#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "choices.hpp"

namespace emostream::fuzzing {

/// Writes values of a format. Arrays and objects are followed by their elements, an object's after a key
/// each.
class value_writer {
 public:
  virtual ~value_writer() = default;
  virtual void number(std::string_view text) = 0;  ///< as in JSON
  virtual void string(std::string_view text) = 0;
  virtual void escaped(std::string_view escape, std::size_t times) = 0;  ///< a string of JSON escapes
  virtual void begin_array(std::size_t size) = 0;
  virtual void end_array() = 0;
  virtual void begin_object(std::size_t size) = 0;
  virtual void key(std::string_view name) = 0;
  virtual void end_object() = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
  [[nodiscard]] virtual bytes take() = 0;
};

std::unique_ptr<value_writer> json_writer();
std::unique_ptr<value_writer> msgpack_writer();

}  // namespace emostream::fuzzing
