#pragma once

#include <cstddef>
#include <string_view>

namespace emostream::net {

/// Scans the head of an HTTP/1.1 request as it arrives, before it is parsed: finds its end, and rejects
/// syntax that servers and proxies are known to interpret differently (RFC 9112 sections 2.2, 5.2 and 11.2):
/// lines that do not end in CR LF, an empty first line, folded header lines, control characters except tab.
class head_scanner {
 public:
  enum class status { incomplete, complete, malformed, too_many_fields };

  explicit head_scanner(std::size_t max_fields) : max_fields_(max_fields) {}

  /// `bytes` is everything that has arrived so far. Call it again only after the status `incomplete`.
  status scan(std::string_view bytes);
  /// The size of the complete head, including its empty line.
  [[nodiscard]] std::size_t size() const { return scanned_; }

 private:
  std::size_t max_fields_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;  // complete ones
};

}  // namespace emostream::net
