#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace emostream::net {

/// Compresses with zlib (RFC 1950 to 1952). Uses about 260 KB with 15 window bits, less with fewer. Throws
/// std::bad_alloc.
class deflater {
 public:
  enum class format { raw, zlib, gzip };
  enum class flush {
    none,    ///< some of the output may be held back until a later call
    sync,    ///< all output is written, ending with the bytes 00 00 FF FF
    finish,  ///< ends the stream; call reset() before the next one
  };
  static constexpr int min_window_bits = 9;  // zlib does not support raw streams with 8
  static constexpr int max_window_bits = 15;

  explicit deflater(format f, int window_bits = max_window_bits);
  deflater(deflater&&) noexcept;
  deflater& operator=(deflater&&) noexcept;
  ~deflater();

  /// Appends the compressed `text` to `out`.
  void append(std::string& out, std::string_view text, flush how);
  /// Starts a new stream.
  void reset();

 private:
  struct stream;
  std::unique_ptr<stream> stream_;
};

/// Decompresses a raw deflate stream. Uses 7 KB, and allocates the window when it is first needed.
class inflater {
 public:
  enum class outcome {
    more,     ///< all input is consumed, and the stream continues
    end,      ///< the stream has ended; bytes after its end are left in the input
    too_big,  ///< the output exceeds the limit
    invalid,
  };

  explicit inflater(int window_bits = deflater::max_window_bits);
  inflater(inflater&&) noexcept;
  inflater& operator=(inflater&&) noexcept;
  ~inflater();

  /// Consumes bytes from the front of `in` and appends the output to `out`, which may grow to `limit` bytes
  /// in total. Memory grows with the actual output, not with the limit.
  outcome append(std::string& out, std::string_view& in, std::size_t limit);
  /// True if the input so far ends at the end of a block.
  [[nodiscard]] bool between_blocks() const;
  /// Starts a new stream; with `keep_window` it may refer to the output of the previous one.
  void reset(bool keep_window = false);

 private:
  struct stream;
  std::unique_ptr<stream> stream_;
};

}  // namespace emostream::net
