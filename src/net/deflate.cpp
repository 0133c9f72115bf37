#include "net/deflate.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>
#include <zlib.h>

namespace emostream::net {

namespace {

constexpr std::size_t chunk = 16'384;

Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib does not write there
}

/// The size of the input that one call of zlib gets: its sizes have 32 bits.
uInt clipped(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
}

}  // namespace

// Compression.

struct deflater::stream {
  stream(format f, int window_bits) {
    const int bits = f == format::raw ? -window_bits : f == format::gzip ? window_bits + 16 : window_bits;
    constexpr int memory_level = 8;  // zlib's default
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() { deflateEnd(&z); }

  z_stream z{};
};

deflater::deflater(format f, int window_bits) : stream_(std::make_unique<stream>(f, window_bits)) {}
deflater::deflater(deflater&&) noexcept = default;
deflater& deflater::operator=(deflater&&) noexcept = default;
deflater::~deflater() = default;

void deflater::append(std::string& out, std::string_view text, flush how) {
  auto& z = stream_->z;
  const int final_flush = how == flush::none ? Z_NO_FLUSH : how == flush::sync ? Z_SYNC_FLUSH : Z_FINISH;
  std::array<char, chunk> buffer;
  do {
    z.next_in = bytes_of(text);
    z.avail_in = clipped(text.size());
    const bool is_last = z.avail_in == text.size();
    do {
      z.next_out = reinterpret_cast<Bytef*>(buffer.data());
      z.avail_out = static_cast<uInt>(buffer.size());
      deflate(&z, is_last ? final_flush : Z_NO_FLUSH);
      out.append(buffer.data(), buffer.size() - z.avail_out);
    } while (z.avail_out == 0);
    text.remove_prefix(std::min<std::size_t>(text.size(), 1U << 30));
  } while (!text.empty());
}

void deflater::reset() {
  deflateReset(&stream_->z);
}

// Decompression.

struct inflater::stream {
  explicit stream(int window_bits) {
    if (inflateInit2(&z, -window_bits) != Z_OK) throw std::bad_alloc();
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() { inflateEnd(&z); }

  z_stream z{};
};

inflater::inflater(int window_bits) : stream_(std::make_unique<stream>(window_bits)) {}
inflater::inflater(inflater&&) noexcept = default;
inflater& inflater::operator=(inflater&&) noexcept = default;
inflater::~inflater() = default;

inflater::outcome inflater::append(std::string& out, std::string_view& in, std::size_t limit) {
  auto& z = stream_->z;
  std::array<char, chunk> buffer;
  while (true) {
    z.next_in = bytes_of(in);
    z.avail_in = clipped(in.size());
    z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    // Room for one byte beyond the limit shows whether the output exceeds it.
    z.avail_out = static_cast<uInt>(std::min(buffer.size(), limit - out.size() + 1));
    const auto capacity = z.avail_out;
    const auto offered = z.avail_in;
    const int code = inflate(&z, Z_SYNC_FLUSH);
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    in.remove_prefix(offered - z.avail_in);
    const auto size = capacity - z.avail_out;
    if (size > limit - out.size()) return outcome::too_big;
    out.append(buffer.data(), size);
    if (code == Z_STREAM_END) return outcome::end;
    if (code != Z_OK && code != Z_BUF_ERROR) return outcome::invalid;
    if (in.empty() && z.avail_out != 0) return outcome::more;
  }
}

bool inflater::between_blocks() const {
  constexpr int end_of_block = 128;
  return (stream_->z.data_type & end_of_block) != 0;
}

void inflater::reset(bool keep_window) {
  auto& z = stream_->z;
  if (!keep_window) {
    inflateReset(&z);
    return;
  }
  std::array<Bytef, 32'768> window;
  uInt size = 0;
  inflateGetDictionary(&z, window.data(), &size);
  inflateReset(&z);
  inflateSetDictionary(&z, window.data(), size);
}

}  // namespace emostream::net
