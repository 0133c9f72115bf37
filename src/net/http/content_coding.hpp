#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/request_head.hpp"
#include "net/deflate.hpp"

namespace emostream::net {

/// The coding of a response body (RFC 9110 section 8.4.1).
enum class content_coding : unsigned char { identity, br, gzip, deflate };

/// Its name in Content-Encoding.
std::string_view to_string(content_coding c);

/// The coding of `ours` to which the client's Accept-Encoding gives the highest quality; the first one if
/// several have it. identity without that header, or if the client accepts none of them or prefers identity
/// (RFC 9110 section 12.5.3).
content_coding choose_coding(const request_head& head, std::span<const content_coding> ours);

/// For content that is compressed once and sent often: they take about 30 ms per megabyte.
std::string encode_gzip(std::string_view text);
std::string encode_brotli(std::string_view text);

/// Compresses responses, one after the other; keeps its buffers between calls.
class response_encoder {
 public:
  /// `c` is gzip or deflate.
  std::string encode(std::string_view text, content_coding c);

 private:
  std::optional<deflater> gzip_;
  std::optional<deflater> deflate_;
};

}  // namespace emostream::net
