#pragma once

#include <cstddef>
#include <string_view>

namespace emostream::net {

/// Goes over the head of an HTTP/1.1 request as it arrives, before it is parsed: finds its end, and refuses
/// what the servers and proxies of this world read differently (RFC 9112 sections 2.2, 5.2 and 11.2): lines
/// that end otherwise than in CR LF, lines that go on in the next one, control characters.
class head_scanner {
 public:
  enum class verdict { incomplete, complete, malformed, too_many_fields };

  explicit head_scanner(std::size_t max_fields) : max_fields_(max_fields) {}

  /// `bytes` are all that have arrived so far. After another verdict than incomplete: not to be called again.
  verdict scan(std::string_view bytes);
  /// Bytes of the complete head, its empty line included.
  [[nodiscard]] std::size_t size() const { return scanned_; }

 private:
  std::size_t max_fields_;
  std::size_t scanned_ = 0;
  std::size_t line_ = 0;   // where the present one begins
  std::size_t lines_ = 0;  // complete ones
};

}  // namespace emostream::net
