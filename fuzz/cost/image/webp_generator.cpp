#include <algorithm>
#include <array>
#include <random>

#include <webp/encode.h>

#include "generators.hpp"
#include "webp_chunks.hpp"

namespace emostream::fuzzing {

namespace {

/// Owns the picture and the output of libwebp's encoder.
class webp_writer {
 public:
  webp_writer() {
    WebPPictureInit(&picture_);
    WebPMemoryWriterInit(&output_);
    picture_.writer = WebPMemoryWrite;
    picture_.custom_ptr = &output_;
  }
  ~webp_writer() {
    WebPPictureFree(&picture_);
    WebPMemoryWriterClear(&output_);
  }
  webp_writer(const webp_writer&) = delete;
  webp_writer& operator=(const webp_writer&) = delete;

  bool write(const WebPConfig& config, picture_size size, const bytes& rgba) {
    picture_.use_argb = config.lossless;
    picture_.width = size.width;
    picture_.height = size.height;
    return WebPPictureImportRGBA(&picture_, rgba.data(), size.width * 4) != 0 &&
           WebPEncode(&config, &picture_) != 0;
  }
  [[nodiscard]] bytes written() const { return {output_.mem, output_.mem + output_.size}; }

 private:
  WebPPicture picture_;
  WebPMemoryWriter output_;
};

bytes encode(choices& from, picture_size size, bool lossless, bool opaque) {
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = lossless ? 1 : 0;
  config.method = from.of({0, 2, 4});
  config.quality = static_cast<float>(from.between(0, 100));
  config.segments = from.between(1, 4);
  config.filter_strength = from.between(0, 100);
  config.filter_sharpness = from.between(0, 7);
  config.filter_type = from.between(0, 1);
  config.partitions = from.between(0, 3);
  config.alpha_filtering = from.between(0, 2);
  config.exact = 1;
  bytes rgba = choose_samples(from, size.pixels() * 4);
  if (opaque)
    for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 255;
  webp_writer writer;
  return writer.write(config, size, rgba) ? writer.written() : bytes{};
}

}  // namespace

bytes webp_image(choices& from) {
  const picture_size size = choose_size(from, 16'383);
  const bool lossless = from.flag();
  return encode(from, size, lossless, from.flag());
}

/// What a pattern stands for depends on the probabilities in the first partition, which are those of the
/// encoder's picture.
bytes webp_tokens(choices& from) {
  constexpr std::size_t frame = 20;  // after the headers of RIFF and of the chunk
  constexpr std::size_t frame_header = 10;
  const picture_size size = choose_size(from, 16'383);
  bytes webp = encode(from, size, false, true);
  if (webp.size() < frame + frame_header) return {};
  const std::uint32_t bits = webp[frame] | webp[frame + 1] << 8 | webp[frame + 2] << 16;
  const std::size_t first_partition = bits >> 5;
  const std::size_t tokens = frame + frame_header + first_partition;
  if (tokens >= webp.size()) return {};
  webp.resize(std::min<std::size_t>(1'000'000, std::max(webp.size(), frame + from.below(60'000) * 16)));
  std::array<std::size_t, 4> pattern;
  for (auto& byte : pattern) byte = from.below(256);
  const std::size_t length = 1 + from.below(4);
  const int noise = from.of({0, 1, 8, 255});
  std::minstd_rand random(static_cast<unsigned>(1 + from.below(1000)));
  for (std::size_t i = tokens; i < webp.size(); ++i)
    webp[i] = static_cast<std::uint8_t>(pattern[i % length] ^ (random() & static_cast<unsigned>(noise)));
  return riff(chunk("VP8 ", std::span(webp).subspan(frame)));
}

bytes webp_lossless(choices& from) {
  const picture_size size = choose_size(from, 16'383);
  bytes stream{0x2F};
  const auto sizes = static_cast<std::uint32_t>(size.width - 1) | static_cast<std::uint32_t>(size.height - 1)
                                                                      << 14;
  for (int shift = 0; shift < 32; shift += 8) stream.push_back(static_cast<std::uint8_t>(sizes >> shift));
  put_lossless_stream(stream, from, size);
  return riff(chunk("VP8L", stream));
}

bytes webp_alpha(choices& from) {
  const picture_size size = choose_size(from, 16'383);
  bytes alpha{static_cast<std::uint8_t>(1 | from.between(0, 3) << 2)};  // compressed, with a filter
  const bytes opaque = encode(from, size, false, true);
  if (opaque.size() < 20) return {};
  put_lossless_stream(alpha, from, size);
  bytes chunks = extended_header(size);
  const bytes alpha_chunk = chunk("ALPH", alpha);
  chunks.insert(chunks.end(), alpha_chunk.begin(), alpha_chunk.end());
  chunks.insert(chunks.end(), opaque.begin() + 12, opaque.end());
  return riff(chunks);
}

}  // namespace emostream::fuzzing
