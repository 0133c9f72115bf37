#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

#include "base/clock.hpp"
#include "vision/analysis_options.hpp"
#include "vision/eye_tracker.hpp"
#include "vision/face.hpp"
#include "vision/face_search.hpp"
#include "vision/reading_cache.hpp"
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
  /// `into`, whose memory is reused. Errors: image_error; the frame then adds no face to the stream.
  std::error_code analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                          time_point received, analysis& into);

 private:
  /// How a frame is searched for faces.
  enum class effort : std::uint8_t {
    track,  ///< only follows the known ones by their templates
    check,  ///< finds these again and looks whether there are others
    search
  };

  [[nodiscard]] effort choose_effort(const frame_options& options, time_point received) const;
  [[nodiscard]] bool is_detection_due(const frame_options& options, time_point received) const;
  std::error_code find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                             time_point received, analysis& into, workspace& work);
  std::error_code decode_frame(std::span<const std::uint8_t> encoded, const frame_options& options,
                               effort for_effort, analysis& into, workspace& work) const;
  void detection_done(effort made, time_point received);
  void report(const frame_options& options, analysis& into) const;

  std::shared_ptr<const engine> engine_;
  stream_options options_;
  tracker tracker_;
  face_search search_;
  reading_cache readings_;
  eye_tracker eyes_;
  time_point last_detection_{};
  int frames_since_detection_ = -1;  ///< -1: no detection yet
  bool was_checked_ = false;         ///< the last detection was a check
  int longer_side_ = 0;              ///< of the last frame
  int reduction_;                    ///< the maximum for frames, given the visible faces
};

}  // namespace emostream::vision
