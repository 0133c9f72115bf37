#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/request_head.hpp"
#include "service/request_error.hpp"
#include "vision/analyzer.hpp"

namespace emostream::api {

/// Bytes allowed in a form in addition to the image.
inline constexpr std::size_t max_form_overhead = 65'536;

/// The options in the head of a request.
struct analyze_request {
  vision::frame_options options;
  bool mesh = false;                    ///< the result has the points of the faces
  std::optional<std::string> boundary;  ///< set if the body is a form; otherwise the body is the image

  /// The maximum size of a body whose image has at most `max_image_bytes`.
  [[nodiscard]] std::size_t max_body_bytes(std::size_t max_image_bytes) const {
    return max_image_bytes + (boundary ? max_form_overhead : 0);
  }
};

/// Parses the query, the content type and the content coding. Errors: 400 for a query parameter or the form's
/// boundary, 415 for the others. `min_confidence` is the default of the query parameter.
service::or_error<analyze_request> parse_head(const request_head& head, double min_confidence);

/// Returns a view of the image: the whole body or, if the body is a form, its part named `image` or else its
/// first file.
service::or_error<std::string_view> find_image(const analyze_request& request, std::string_view body,
                                               const vision::image_limits& limits);

}  // namespace emostream::api
