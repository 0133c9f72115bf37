#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "base/clock.hpp"
#include "vision/analysis_options.hpp"
#include "vision/expression/reading.hpp"
#include "vision/face.hpp"
#include "vision/tracking/tracker.hpp"

namespace emostream::vision {

class engine;
struct workspace;

/// Analyzes the consecutive frames of one client. Faces are detected every few frames, more often while they
/// change, and immediately when one is lost; in between they are tracked. Each face has an id. Use from one
/// thread at a time.
class stream {
 public:
  stream(std::shared_ptr<const engine> models, const stream_options& options);

  /// Analyzes the next frame, received at `received` (must not go backwards), and replaces the content of
  /// `into`, whose memory is reused. Errors: image_error; the frame then has no effect on the stream.
  std::error_code analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                          time_point received, analysis& into);

 private:
  /// The reading of a face, and the crop that it was computed from.
  struct cached_reading {
    std::uint64_t face_id = 0;
    time_point computed;
    std::vector<float> crop;
    vision::reading reading;
  };

  [[nodiscard]] bool is_detection_due(const frame_options& options, time_point received) const;
  std::error_code find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                             time_point received, analysis& into, workspace& work);
  std::error_code decode_frame(std::span<const std::uint8_t> encoded, bool for_detection, analysis& into,
                               workspace& work) const;
  void detect(const frame_options& options, time_point received, workspace& work);
  void start_tracks(std::span<const std::size_t> unmatched, const frame_options& options, time_point received,
                    workspace& work);
  void report(const frame_options& options, analysis& into) const;
  void reuse_readings(std::span<face> faces, time_point received, workspace& work);
  void cache_readings(std::span<const face> faces, time_point received, const workspace& work);

  std::shared_ptr<const engine> engine_;
  stream_options options_;
  tracker tracker_;
  time_point last_detection_{};
  int frames_since_detection_ = -1;    ///< -1: no detection yet
  int reduction_;                      ///< the maximum for frames, given the visible faces
  std::size_t next_verification_ = 0;  ///< the unmatched detection to verify first
  std::vector<cached_reading> cached_readings_;
};

}  // namespace emostream::vision
