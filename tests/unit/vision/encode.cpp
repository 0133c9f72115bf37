#include "vision/encode.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <png.h>
#include <random>

#include <webp/encode.h>

namespace emostream::vision::testing {

namespace {

std::uint8_t sample(const image& of, int x, int y, int channel) {
  const std::size_t pixel =
      static_cast<std::size_t>(y) * static_cast<std::size_t>(of.width) + static_cast<std::size_t>(x);
  return of.pixels[pixel * 3 + static_cast<std::size_t>(channel)];
}

png_structp png_writer(bytes& into) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_set_write_fn(
      png, &into,
      [](png_structp p, png_bytep data, std::size_t size) {
        auto& to = *static_cast<bytes*>(png_get_io_ptr(p));
        to.insert(to.end(), data, data + size);
      },
      nullptr);
  return png;
}

}  // namespace

image gradient(int width, int height) {
  image i{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      i.pixels.push_back(static_cast<std::uint8_t>(255 * x / width));
      i.pixels.push_back(static_cast<std::uint8_t>(255 * y / height));
      i.pixels.push_back(64);
    }
  }
  return i;
}

bytes to_jpeg(const image& from, jpeg_parameters parameters) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(from.width);
  info.image_height = static_cast<JDIMENSION>(from.height);
  info.input_components = parameters.components;
  info.in_color_space = parameters.components == 1   ? JCS_GRAYSCALE
                        : parameters.components == 3 ? JCS_RGB
                                                     : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (parameters.ycck) jpeg_set_colorspace(&info, JCS_YCCK);
  jpeg_set_quality(&info, 90, TRUE);
  info.arith_code = parameters.arithmetic ? TRUE : FALSE;
  info.restart_interval = parameters.restart_interval;
  if (parameters.progressive) jpeg_simple_progression(&info);
  std::vector<jpeg_scan_info> script;
  if (parameters.scans > 0) {
    // One scan with all DC coefficients, then scans with one AC coefficient each.
    script.push_back({parameters.components, {0, 1, 2, 3}, 0, 0, 0, 0});
    for (int band = 1; static_cast<int>(script.size()) < parameters.scans; ++band)
      script.push_back({1, {(band - 1) / 63, 0, 0, 0}, 1 + (band - 1) % 63, 1 + (band - 1) % 63, 0, 0});
    info.scan_info = script.data();
    info.num_scans = static_cast<int>(script.size());
  }
  jpeg_start_compress(&info, TRUE);
  const auto components = static_cast<std::size_t>(parameters.components);
  std::vector<JSAMPLE> row(static_cast<std::size_t>(from.width) * components);
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x) {
      for (int c = 0; c < parameters.components; ++c)
        row[static_cast<std::size_t>(x) * components + static_cast<std::size_t>(c)] =
            sample(from, x, y, c < 3 ? c : 0);
    }
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&info, &rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  bytes encoded(buffer, buffer + size);
  std::free(buffer);
  return encoded;
}

bytes to_png(const image& from, const png_parameters& parameters) {
  bytes encoded;
  png_structp png = png_writer(encoded);
  png_infop info = png_create_info_struct(png);
  constexpr int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                           PNG_COLOR_TYPE_RGBA};
  png_set_IHDR(png, info, static_cast<png_uint_32>(from.width), static_cast<png_uint_32>(from.height),
               parameters.depth, types[parameters.channels - 1], PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!parameters.text.empty()) {
    char key[] = "Comment";
    std::string content = parameters.text;
    png_text text{};
    text.compression = PNG_TEXT_COMPRESSION_zTXt;
    text.key = key;
    text.text = content.data();
    text.text_length = content.size();
    png_set_text(png, info, &text, 1);
  }
  png_write_info(png, info);
  for (int y = 0; y < from.height; ++y) {
    bytes row;
    for (int x = 0; x < from.width; ++x) {
      for (int c = 0; c < parameters.channels; ++c) {
        const bool alpha = parameters.channels % 2 == 0 && c == parameters.channels - 1;
        const std::uint8_t value = alpha ? parameters.alpha : sample(from, x, y, c);
        row.insert(row.end(), static_cast<std::size_t>(parameters.depth / 8), value);
      }
    }
    png_write_row(png, row.data());
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return encoded;
}

bytes random_png(const png_layout& layout) {
  constexpr png_uint_32 width = 61;
  constexpr png_uint_32 height = 45;
  std::minstd_rand random(5);
  const auto next = [&random] { return static_cast<std::uint8_t>(random() >> 8); };
  bytes encoded;
  png_structp png = png_writer(encoded);
  png_infop info = png_create_info_struct(png);
  png_set_IHDR(png, info, width, height, layout.depth, layout.colour_type,
               layout.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  const int colours = 1 << std::min(layout.depth, 8);
  if (layout.colour_type == PNG_COLOR_TYPE_PALETTE) {
    std::vector<png_color> palette(static_cast<std::size_t>(colours));
    for (auto& colour : palette) colour = {next(), next(), next()};
    png_set_PLTE(png, info, palette.data(), colours);
  }
  if (layout.transparent) {
    bytes alphas(static_cast<std::size_t>(colours));
    for (auto& alpha : alphas) alpha = next();
    const auto value = static_cast<png_uint_16>(next() % colours);
    const png_color_16 colour{0, value, value, value, value};
    png_set_tRNS(png, info, alphas.data(), colours / 2, &colour);
  }
  if (layout.gamma != 0) png_set_gAMA(png, info, layout.gamma);
  png_write_info(png, info);
  const std::size_t row_size = png_get_rowbytes(png, info);
  bytes samples(row_size * height);
  for (auto& sample : samples) sample = random() % 4 == 0 ? 0 : next();
  std::vector<png_bytep> rows;
  for (std::size_t y = 0; y < height; ++y) rows.push_back(samples.data() + y * row_size);
  png_write_image(png, rows.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return encoded;
}

bytes to_webp(const image& from, bool lossless, std::uint8_t alpha) {
  bytes rgba;
  for (std::size_t i = 0; i < from.pixels.size(); i += 3)
    rgba.insert(rgba.end(), {from.pixels[i], from.pixels[i + 1], from.pixels[i + 2], alpha});
  std::uint8_t* out = nullptr;
  const int stride = from.width * 4;
  const std::size_t size = lossless
                               ? WebPEncodeLosslessRGBA(rgba.data(), from.width, from.height, stride, &out)
                               : WebPEncodeRGBA(rgba.data(), from.width, from.height, stride, 90, &out);
  bytes encoded(out, out + size);
  WebPFree(out);
  return encoded;
}

}  // namespace emostream::vision::testing
