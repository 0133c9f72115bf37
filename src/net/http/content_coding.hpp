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

/// The coding of `ours`, in order of preference, with the highest quality in the client's Accept-Encoding;
/// identity without that header, or if none of them is acceptable (RFC 9110 section 12.5.3).
content_coding choose_coding(const request_head& head, std::span<const content_coding> ours);

/// For content that is compressed once and sent often: slow, about 30 ms for a megabyte.
std::string encode_gzip(std::string_view text);
std::string encode_brotli(std::string_view text);

/// Compresses one response after the other; keeps its buffers between calls.
class response_encoder {
 public:
  /// gzip or deflate.
  std::string encode(std::string_view text, content_coding c);

 private:
  std::optional<deflater> gzip_;
  std::optional<deflater> deflate_;
};

}  // namespace emostream::net
