#include <new>

#include <brotli/encode.h>

#include "net/http/content_coding.hpp"

namespace emostream::net {

std::string encode_brotli(std::string_view text) {
  constexpr int quality = 6;  // level 9 takes five times as long and saves two per cent
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, text.size(),
                            reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_TRUE)
    throw std::bad_alloc();
  out.resize(size);
  return out;
}

}  // namespace emostream::net
