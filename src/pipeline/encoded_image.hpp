#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace emostream::pipeline {

/// Why a frame has no analysis, besides what vision::image_error says.
enum class frame_error {
  no_data = 1,   ///< nothing, or a data URL of nothing
  bad_base64,    ///< RFC 4648 section 4, in which only line breaks are forgiven
  bad_data_url,  ///< begins as one, but is not of the form `data:[type][;parameter]*;base64,…`
  internal,      ///< the computation threw: our fault, not the image's
};

std::error_code make_error_code(frame_error e);

/// The image of a frame as it came, shared with whatever received it: not a byte is copied on the I/O thread.
struct encoded_image {
  std::shared_ptr<const void> owner;  ///< keeps content alive
  std::string_view content;
  bool text = false;  ///< base64 or a data URL, not the bytes themselves
};

/// The bytes of the image; `buffer` is where text is decoded to, and must live as long as the view returned.
result<std::span<const std::uint8_t>> decode(const encoded_image& image, std::string& buffer);

}  // namespace emostream::pipeline

template <>
struct std::is_error_code_enum<emostream::pipeline::frame_error> : std::true_type {};
