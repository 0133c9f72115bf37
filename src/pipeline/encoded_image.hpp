#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace emostream::pipeline {

/// Why a frame has no analysis, besides vision::image_error.
enum class frame_error {
  no_data = 1,   ///< empty, or text without content: only white space, or a data URL that is empty
  bad_base64,    ///< not base64, even if white space, padding and the alphabet do not matter
  bad_data_url,  ///< starts with `data:`, but its head up to the first comma is too long or lacks `;base64`
  internal,      ///< the analysis threw an exception: a fault of the server, not of the image
};

std::error_code make_error_code(frame_error e);

/// The image of a frame as received. It shares ownership of the received message, so that submitting it
/// copies no image data.
struct encoded_image {
  std::shared_ptr<const void> owner;  ///< keeps `content` alive
  std::string_view content;
  bool is_text = false;  ///< `content` is base64 or a data URL, not the image bytes
};

/// The maximum length of a data URL up to its comma; longer than with the media types in use.
inline constexpr std::size_t max_data_url_head = 256;
/// Whether `text` begins with `data:`, in upper or lower case, after white space.
bool is_data_url(std::string_view text);

/// Whether bytes are text after all: a data URL, or the base64 of an image. No image file begins like that.
bool is_image_text(std::string_view bytes);

/// Returns the bytes of the image file: a view of `image`, or of `buffer`, into which text is decoded.
result<std::span<const std::uint8_t>> image_bytes(const encoded_image& image, std::string& buffer);

}  // namespace emostream::pipeline

template <>
struct std::is_error_code_enum<emostream::pipeline::frame_error> : std::true_type {};
