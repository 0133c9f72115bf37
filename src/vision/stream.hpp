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
#include "vision/eye_tracker.hpp"
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
    time_point cropped;   ///< when the face was last compared with the crop
    time_point computed;  ///< when the reading was computed
    std::vector<float> crop;
    vision::reading reading;
    hidden_parts hidden;
    face_quality quality;  ///< when it was last cropped
  };

  [[nodiscard]] bool is_detection_due(const frame_options& options, time_point received) const;
  std::error_code find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                             time_point received, analysis& into, workspace& work);
  std::error_code decode_frame(std::span<const std::uint8_t> encoded, const frame_options& options,
                               bool for_detection, analysis& into, workspace& work) const;
  std::error_code search(const frame_options& options, time_point received, workspace& work);
  void choose_tracks_to_settle(std::vector<std::size_t>& turn);
  std::error_code settle_tracks(const region& part, const frame_options& options, time_point received,
                                workspace& work);
  void keep_track(std::size_t i, workspace& work);
  result<std::optional<found_face>> find_again(const track& t, const frame_options& options,
                                               workspace& work) const;
  std::error_code verify_candidates(const frame_options& options, time_point received, workspace& work);
  void drop_known_candidates(time_point received, workspace& work);
  void search_done(time_point received);
  void report(const frame_options& options, analysis& into) const;
  std::size_t choose_faces_to_measure(std::span<face> faces) const;
  void recall_others(std::span<face> faces) const;
  void reuse_readings(std::span<face> faces, time_point received, workspace& work);
  void cache_readings(std::span<const face> faces, std::size_t count, time_point received,
                      const workspace& work);

  std::shared_ptr<const engine> engine_;
  stream_options options_;
  tracker tracker_;
  eye_tracker eyes_;
  time_point last_detection_{};
  int frames_since_detection_ = -1;  ///< -1: no detection yet
  int reduction_;                    ///< the maximum for frames, given the visible faces
  /// A place where the verifier found no face.
  struct rejected_place {
    detection candidate;
    time_point until;  ///< when it is verified again
  };

  std::size_t next_track_ = 0;   ///< the track to settle first
  std::size_t next_part_ = 0;    ///< the enlarged part of the frame to search next
  bool has_unverified_ = false;  ///< whether the last search left candidates for the next frame
  std::vector<rejected_place> rejected_;
  std::vector<cached_reading> cached_readings_;
};

}  // namespace emostream::vision
