// Searches for images that take more CPU time or memory to decode than image_limits.hpp says.
// usage: image_cost SECONDS [FOLDER [SEED]], see search.hpp
#include <chrono>
#include <cstdint>

#include "generators.hpp"
#include "search.hpp"
#include "vision/image/image.hpp"

using namespace emostream;
using namespace emostream::fuzzing;

namespace {

/// Decodes the image with the default limits.
handled decode_image(const bytes& encoded) {
  const vision::image_limits limits;
  vision::image decoded;
  const auto size = vision::decode(encoded, limits, {}, decoded);
  const auto allowed = limits.max_time(std::int64_t{decoded.width} * decoded.height, encoded.size());
  return {.allowed_ms = std::chrono::duration<double, std::milli>(allowed).count(),
          .result_bytes = decoded.pixels.size(),
          .outcome = size ? "decoded" : size.error().message()};
}

constexpr generator generators[] = {
    {"gif", gif_image, decode_image},           {"jpeg", jpeg_image, decode_image},
    {"png", png_image, decode_image},           {"webp", webp_image, decode_image},
    {"webp_tokens", webp_tokens, decode_image}, {"webp_lossless", webp_lossless, decode_image},
    {"webp_alpha", webp_alpha, decode_image},
};

}  // namespace

int main(int argc, char** argv) {
  return search_worst_inputs(generators, {.mb = 64, .tolerance = 1.1}, argc, argv);
}
