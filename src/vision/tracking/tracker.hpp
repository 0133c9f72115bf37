#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "vision/detection/detection.hpp"
#include "vision/face.hpp"
#include "vision/image/alignment.hpp"
#include "vision/image/image.hpp"
#include "vision/tracking/appearance.hpp"

namespace emostream::vision {

/// One face over the time that it is in view, and for a while after.
struct track {
  std::uint64_t id = 0;
  face_place place;           ///< where it is, or was last
  similarity frame;           ///< from the pixels of `look` to the image, then
  appearance look;            ///< as the detector last found it
  float likeness = 1;         ///< of what is in view to that
  float best_confidence = 0;  ///< that the detector ever had of it
  time_point seen;            ///< when it was last in view
  point speed;                ///< pixels a second
  bool lost = false;
};

/// Follows faces from frame to frame and gives them ids. A detector says now and then what there is; in
/// between each face is followed by its look. One that is lost keeps its id for a while, and has it again if
/// a face appears that looks like it where it may be by now. An id is never given again. One a sender, one
/// thread at a time; `work` is the thread's.
class tracker {
 public:
  explicit tracker(milliseconds lifetime = milliseconds{1500}) : lifetime_(lifetime) {}

  /// Finds the faces in view in the next frame, without a detector. False if one of them is not to be found:
  /// it is lost. `now` must not go backwards.
  bool follow(const image& in, time_point now, appearance::room& work);

  /// Takes what a detector found in the frame: faces known are where it says, others in view are lost.
  /// Returns which of `found` is nobody known; valid until the next call.
  std::span<const std::size_t> correct(const image& in, std::span<const detection> found, time_point now,
                                       appearance::room& work);

  /// A new face of that frame: gives it an id.
  void welcome(const image& in, const detection& d, time_point now, appearance::room& work);

  /// In view and lost, in no order. What is lost for longer than the lifetime is gone.
  [[nodiscard]] std::span<const track> tracks() const { return tracks_; }
  [[nodiscard]] bool has_faces() const;
  [[nodiscard]] bool has_lost() const;
  /// Whether a face in view is no longer much like what the detector found.
  [[nodiscard]] bool is_changing() const;

 private:
  struct pair {
    float score;
    std::size_t track;
    std::size_t found;
  };

  static bool follow(track& t, const image& in, time_point now, appearance::room& work);
  void pair_up(const image& in, std::span<const detection> found, time_point now, appearance::room& work);
  void pair_lost(const image& in, std::span<const detection> found, time_point now, appearance::room& work);
  void compare_rivals(const image& in, std::span<const detection> found, appearance::room& work);
  static void take(track& t, const detection& d, time_point now);
  static void move(track& t, const similarity& to, time_point now);

  milliseconds lifetime_;
  std::uint64_t next_id_ = 1;
  std::vector<track> tracks_;
  std::vector<pair> pairs_;  ///< of one frame; kept for its memory, as is what follows
  std::vector<bool> track_taken_;
  std::vector<bool> found_taken_;
  std::vector<std::size_t> strangers_;
};

}  // namespace emostream::vision
