#include "vision/encode.hpp"

#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <png.h>

#include <webp/encode.h>

namespace emostream::vision::testing {

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
  jpeg_set_quality(&info, 90, TRUE);
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
  std::vector<JSAMPLE> row(static_cast<std::size_t>(from.width * parameters.components));
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x) {
      for (int c = 0; c < parameters.components; ++c) {
        const auto source = static_cast<std::size_t>((y * from.width + x) * 3 + (c < 3 ? c : 0));
        row[static_cast<std::size_t>(x * parameters.components + c)] = from.pixels[source];
      }
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
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &encoded,
      [](png_structp p, png_bytep data, std::size_t size) {
        auto& into = *static_cast<bytes*>(png_get_io_ptr(p));
        into.insert(into.end(), data, data + size);
      },
      nullptr);
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
        const auto source = static_cast<std::size_t>((y * from.width + x) * 3 + (alpha ? 0 : c));
        const std::uint8_t value = alpha ? parameters.alpha : from.pixels[source];
        row.insert(row.end(), static_cast<std::size_t>(parameters.depth / 8), value);
      }
    }
    png_write_row(png, row.data());
  }
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
