#include <algorithm>
#include <string_view>
#include <zlib.h>

#include "bit_writer.hpp"
#include "generators.hpp"

namespace emostream::fuzzing {

namespace {

constexpr std::size_t max_bytes = 1'000'000;

void put_number(bytes& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put_chunk(bytes& to, std::string_view type, std::span<const std::uint8_t> data) {
  put_number(to, static_cast<std::uint32_t>(data.size()));
  const auto begin = static_cast<std::ptrdiff_t>(to.size());
  to.insert(to.end(), type.begin(), type.end());
  to.insert(to.end(), data.begin(), data.end());
  put_number(to, static_cast<std::uint32_t>(crc32(
                     0, to.data() + begin, static_cast<uInt>(to.size() - static_cast<std::size_t>(begin)))));
}

/// A deflate block without data, described in the fewest bits.
void put_small_block(bit_writer& to) {
  to.put(0b100, 3);  // not final, dynamic
  to.put(0, 5);      // 257 literals and lengths
  to.put(0, 5);      // one distance
  to.put(14, 4);     // 18 lengths of code length codes; those of 18 and 1 are one bit long
  for (int i = 0; i < 18; ++i) to.put(i == 2 || i == 17 ? 1 : 0, 3);
  to.put_code(1, 1);  // 138 zeros
  to.put(127, 7);
  to.put_code(1, 1);  // 118 zeros
  to.put(107, 7);
  to.put_code(0, 1);  // end of block: one bit
  to.put_code(0, 1);  // the distance: one bit
  to.put_code(0, 1);  // end of block
}

/// A deflate block without data whose prefix codes have all symbols.
void put_full_block(bit_writer& to) {
  to.put(0b100, 3);
  to.put(29, 5);  // 286 literals and lengths
  to.put(29, 5);  // 30 distances
  to.put(8, 4);   // 12 lengths of code length codes, in the order 16 17 18 0 8 7 9 6 10 5 11 4
  for (const int length : {1, 0, 0, 0, 3, 0, 3, 0, 0, 3, 0, 3}) to.put(static_cast<std::uint32_t>(length), 3);
  const auto repeat = [&to](std::uint32_t code, int count) {
    to.put_code(code, 3);
    for (int left = count - 1; left > 0;) {
      const int step = std::min(left, 6);
      to.put_code(0, 1);
      to.put(static_cast<std::uint32_t>(step - 3), 2);
      left -= step;
    }
  };
  repeat(0b110, 226);  // 8 bits each
  repeat(0b111, 55);   // 9 bits each
  repeat(0b111, 5);
  to.put_code(0b100, 3);  // two distances of 4 bits
  to.put_code(0b100, 3);
  repeat(0b101, 28);    // 5 bits each
  to.put_code(482, 9);  // end of block
}

/// Blocks without data up to the given size, then an empty stored block, which ends at a whole byte.
void put_empty_blocks(bytes& to, bool full, std::size_t size) {
  bit_writer bits(to);
  for (const std::size_t end = to.size() + size; to.size() < end;)
    full ? put_full_block(bits) : put_small_block(bits);
  bits.put(0, 3);
  while (!bits.aligned()) bits.put(0, 1);
  for (const int byte : {0, 0, 0xFF, 0xFF}) to.push_back(static_cast<std::uint8_t>(byte));
}

class deflater {
 public:
  deflater(int level, int strategy) { deflateInit2(&stream_, level, Z_DEFLATED, 15, 9, strategy); }
  ~deflater() { deflateEnd(&stream_); }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  void add(std::span<const std::uint8_t> data, int flush) {
    stream_.next_in = const_cast<Bytef*>(data.data());
    stream_.avail_in = static_cast<uInt>(data.size());
    do {
      const std::size_t used = out.size();
      out.resize(used + 65'536);
      stream_.next_out = out.data() + used;
      stream_.avail_out = 65'536;
      deflate(&stream_, flush);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  bytes out;

 private:
  z_stream stream_{};
};

struct picture {
  picture_size size;
  int colour_type;
  int depth;
  bool interlaced;

  [[nodiscard]] int channels() const {
    constexpr int of_type[]{1, 0, 3, 1, 2, 0, 4};
    return of_type[colour_type];
  }
  void add_rows(bytes& to, int width, int height, int filter, const bytes& samples) const {
    if (width == 0) return;
    const std::size_t row = (static_cast<std::size_t>(width * channels() * depth) + 7) / 8;
    for (int y = 0; y < height; ++y) {
      to.push_back(static_cast<std::uint8_t>(filter == 5 ? y % 5 : filter));
      const auto at = samples.begin() + static_cast<std::ptrdiff_t>(to.size() % (samples.size() - row));
      to.insert(to.end(), at, at + static_cast<std::ptrdiff_t>(row));
    }
  }
  /// The rows before compression. `filter` is that of all rows; 5: each filter in turn.
  [[nodiscard]] bytes rows(int filter, const bytes& samples) const {
    bytes out;
    if (!interlaced) {
      add_rows(out, size.width, size.height, filter, samples);
      return out;
    }
    constexpr struct {
      int x, y, dx, dy;
    } passes[]{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
               {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    for (const auto& pass : passes)
      add_rows(out, (size.width - pass.x + pass.dx - 1) / pass.dx,
               (size.height - pass.y + pass.dy - 1) / pass.dy, filter, samples);
    return out;
  }
};

picture choose_picture(choices& from) {
  const auto type = from.of<std::pair<int, int>>({{2, 8},
                                                  {6, 8},
                                                  {3, 8},
                                                  {0, 8},
                                                  {4, 8},
                                                  {3, 1},
                                                  {3, 2},
                                                  {3, 4},
                                                  {0, 1},
                                                  {0, 2},
                                                  {0, 4},
                                                  {2, 16},
                                                  {6, 16}});
  return {choose_size(from, 64'800), type.first, type.second, from.flag()};
}

void put_ancillary_chunks(bytes& to, const picture& of, choices& from) {
  const auto gamma = from.of<std::uint32_t>({0, 45'455, 100'000, 20'000, 1});
  if (gamma != 0) {
    bytes value;
    put_number(value, gamma);
    put_chunk(to, "gAMA", value);
  }
  if (of.colour_type == 3) put_chunk(to, "PLTE", bytes(static_cast<std::size_t>(3 << of.depth), 77));
  if (from.flag() && of.colour_type < 4) {
    constexpr std::size_t sizes[]{2, 0, 6};
    put_chunk(to, "tRNS",
              bytes(of.colour_type == 3 ? std::size_t{1} << of.depth : sizes[of.colour_type], 100));
  }
}

bytes compressed_rows(const picture& of, choices& from) {
  constexpr std::size_t enough_samples = 1'000'000;  // more than one row
  const int filter = from.between(0, 5);
  const bytes rows = of.rows(filter, choose_samples(from, enough_samples));
  deflater stream(from.of({9, 1, 6}), from.of({Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}));
  const std::size_t half = rows.size() / from.of<std::size_t>({1, 2, 100});
  stream.add(std::span(rows).first(half), Z_SYNC_FLUSH);
  if (const auto kind = from.below(4); kind >= 2)
    put_empty_blocks(stream.out, kind == 2,
                     max_bytes - std::min(max_bytes, stream.out.size() + rows.size() / 50));
  stream.add(std::span(rows).subspan(half), Z_SYNC_FLUSH);
  const bytes surplus(from.of<std::size_t>({0, 0, 0, 1, 1'000'000, 100'000'000}));
  stream.add(surplus, Z_FINISH);
  return stream.out;
}

}  // namespace

bytes png_image(choices& from) {
  const picture of = choose_picture(from);
  bytes png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  bytes header;
  put_number(header, static_cast<std::uint32_t>(of.size.width));
  put_number(header, static_cast<std::uint32_t>(of.size.height));
  for (const int byte : {of.depth, of.colour_type, 0, 0, of.interlaced ? 1 : 0})
    header.push_back(static_cast<std::uint8_t>(byte));
  put_chunk(png, "IHDR", header);
  put_ancillary_chunks(png, of, from);
  const bytes pixels = compressed_rows(of, from);
  const auto part = from.of<std::size_t>({max_bytes, 8192, 64, 1});
  for (std::size_t at = 0;
       at < pixels.size() && png.size() + std::min(part, pixels.size() - at) + 24 < max_bytes; at += part)
    put_chunk(png, "IDAT", std::span(pixels).subspan(at, std::min(part, pixels.size() - at)));
  put_chunk(png, "IEND", {});
  return png;
}

}  // namespace emostream::fuzzing
