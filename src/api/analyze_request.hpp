#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/request_head.hpp"
#include "service/request_error.hpp"
#include "vision/analyzer.hpp"

namespace emostream::api {

/// What may stand around an image in a form.
inline constexpr std::size_t max_form_overhead = 65'536;

/// What the head of a request for an analysis says.
struct analyze_request {
  vision::frame_options options;
  std::optional<std::string> boundary;  ///< of a form; otherwise the body is the image

  /// Of a body whose image has at most so many.
  [[nodiscard]] std::size_t max_body_bytes(std::size_t max_image_bytes) const {
    return max_image_bytes + (boundary ? max_form_overhead : 0);
  }
};

/// Checks the query and the type of the body: a 400 that names the parameter, or a 415. `min_confidence` is
/// for who says none.
service::or_error<analyze_request> parse_head(const request_head& head, double min_confidence);

/// The image in the body, of which it is a view: the whole, or of a form the part named `image`, or else the
/// first file.
service::or_error<std::string_view> find_image(const analyze_request& request, std::string_view body,
                                               std::size_t max_bytes);

/// The 413 of a body that has more.
service::request_error too_large(std::size_t max_image_bytes);

}  // namespace emostream::api
