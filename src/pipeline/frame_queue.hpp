#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/message.hpp"
#include "vision/analyzer.hpp"

namespace emostream::pipeline {

/// The encoded image of a frame, before a worker makes it bytes: base64 is decoded by the worker, not the I/O thread.
struct encoded_image {
  shared_bytes data;
  std::size_t offset = 0;  ///< where the image (or its base64) begins in data
  bool base64 = false;
};

struct frame {
  encoded_image image;
  vision::frame_options options;
  time_point received;
};

/// Why a frame was given up without a result.
enum class drop_reason {
  replaced,   ///< a newer one of the same connection came while it waited
  stale,      ///< it waited longer than the deadline
  cancelled,  ///< its connection stopped or went away
};

/// snake_case, as the client is told.
std::string_view to_string(drop_reason reason);

/// What became of a frame.
struct outcome {
  std::optional<drop_reason> dropped;
  result<vision::analysis> analysis;  ///< if not dropped
  double queue_ms = 0;
};

/// Hears what became of each frame: exactly once each, in order of submission among those not dropped. Called on a
/// worker's thread, or on the submitting one for `replaced` and `cancelled`.
using completion = std::move_only_function<void(outcome)>;

}  // namespace emostream::pipeline
