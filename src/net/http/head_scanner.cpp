#include "net/http/head_scanner.hpp"

namespace emostream::net {

namespace {

constexpr bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

}  // namespace

head_scanner::status head_scanner::scan(std::string_view bytes) {
  for (; scanned_ < bytes.size(); ++scanned_) {
    const char c = bytes[scanned_];
    const bool after_return = scanned_ != line_start_ && bytes[scanned_ - 1] == '\r';
    if (after_return != (c == '\n')) return status::malformed;
    if (c == '\n') {
      const bool empty = scanned_ == line_start_ + 1;
      if (empty && lines_ == 0) return status::malformed;
      line_start_ = scanned_ + 1;
      if (empty) {
        scanned_ = line_start_;
        return status::complete;
      }
      if (lines_++ > max_fields_) return status::too_many_fields;
    } else if (is_control(c) && c != '\r') {
      return status::malformed;
    } else if (scanned_ == line_start_ && lines_ != 0 && (c == ' ' || c == '\t')) {
      return status::malformed;
    }
  }
  return status::incomplete;
}

}  // namespace emostream::net
