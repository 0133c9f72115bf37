#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace emostream::net {

/// Compresses with zlib (RFC 1950 to 1952). Holds about 260 KB with a window of 15 bits, less with fewer.
/// Throws std::bad_alloc if there is no memory for it.
class deflater {
 public:
  enum class format { raw, zlib, gzip };
  enum class flush {
    none,    ///< some of the output may come with the next call
    sync,    ///< all of it comes now, and ends with the bytes 00 00 FF FF
    finish,  ///< and the stream ends; reset() before the next
  };
  static constexpr int min_window_bits = 9;  // zlib makes no raw stream of 8
  static constexpr int max_window_bits = 15;

  explicit deflater(format f, int window_bits = max_window_bits);
  deflater(deflater&&) noexcept;
  deflater& operator=(deflater&&) noexcept;
  ~deflater();

  /// Appends what `text` becomes.
  void append(std::string& out, std::string_view text, flush how);
  /// Forgets what it has seen.
  void reset();

 private:
  struct stream;
  std::unique_ptr<stream> stream_;
};

/// Undoes a raw stream. Holds 7 KB, and its window once that is needed.
class inflater {
 public:
  enum class outcome {
    more,     ///< all input is taken, and the stream goes on
    end,      ///< the stream has ended; what is behind it is left in the input
    too_big,  ///< there is more than the limit
    invalid,
  };

  explicit inflater(int window_bits = deflater::max_window_bits);
  inflater(inflater&&) noexcept;
  inflater& operator=(inflater&&) noexcept;
  ~inflater();

  /// Takes from the front of `in`, and appends to `out` until that has `limit` bytes. Memory grows with what
  /// comes out, not with the limit.
  outcome append(std::string& out, std::string_view& in, std::size_t limit);
  /// True if what it has taken ends with a block.
  [[nodiscard]] bool between_blocks() const;
  /// Begins a new stream; with `keep_window` it may refer to what came before.
  void reset(bool keep_window = false);

 private:
  struct stream;
  std::unique_ptr<stream> stream_;
};

}  // namespace emostream::net
