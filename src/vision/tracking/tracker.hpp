#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "vision/detection/detection.hpp"
#include "vision/image/alignment.hpp"
#include "vision/image/image.hpp"
#include "vision/tracking/face_template.hpp"

namespace emostream::vision {

/// A face followed across frames. The track is kept for a while after the face is lost.
struct track {
  std::uint64_t id = 0;
  found_face position;  ///< in the last frame in which the face was in view; the confidence is smoothed
  similarity_transform transform;  ///< from template pixels to image pixels, in that frame
  face_template reference;    ///< captured at the first detection, and at later ones that overlap no other
  float match_score = 1;      ///< of the template in the last tracked frame; 1 after a detection
  float best_confidence = 0;  ///< the highest so far
  time_point last_seen;
  point velocity;  ///< pixels per second
  bool lost = false;
  bool hidden = false;   ///< it was lost behind another face
  rect confirmed;        ///< its box when a detection last confirmed it
  int doubts = 0;        ///< since then
  bool settled = false;  ///< its position in the frame of the next update() is known
};

/// Tracks faces from frame to frame and assigns ids. In each frame, track_frame() finds each face by its
/// template. From time to time the caller looks at the faces, settles their tracks by confirm(), keep() or
/// lose(), and passes detections of other faces to update(). A lost track is kept for the lifetime, and
/// continues with a detection close enough that matches its template or, for a short time, overlaps its box.
/// Ids are never reused. Use one tracker per stream, from one thread at a time; threads must not share a
/// `scratch`.
class tracker {
 public:
  explicit tracker(milliseconds lifetime = milliseconds{1500}) : lifetime_(lifetime) {}

  /// Tracks the visible faces into the next frame without a detector. Returns false if a face was not found.
  /// `now` must not go backwards.
  bool track_frame(const image& in, time_point now, face_template::scratch& scratch);

  /// Sets the position of a visible face in the current frame, and captures its template anew.
  void confirm(std::size_t track, const image& in, const found_face& d, time_point now,
               face_template::scratch& scratch);
  /// Leaves a visible face where track_frame() found it.
  void keep(std::size_t track) { tracks_[track].settled = true; }
  /// Marks a visible face as lost.
  void lose(std::size_t track);
  /// The same, unless it still matches its template well, has not moved, and was doubted at most twice since
  /// it was confirmed. Returns whether it is lost.
  bool doubt(std::size_t track);

  /// Updates the tracks that are not settled from the detections in a frame; visible faces without a
  /// detection become lost. Returns the indices of the detections that match no track, valid until the next
  /// call.
  std::span<const std::size_t> update(const image& in, std::span<const found_face> detections, time_point now,
                                      face_template::scratch& scratch);

  /// Starts a track, with a new id, for a detection that update() did not match.
  void add(const image& in, const found_face& d, time_point now, face_template::scratch& scratch);

  /// Whether a visible face has moved away from where it was confirmed last.
  [[nodiscard]] bool has_moved(std::size_t track) const;

  /// All tracks, visible and lost, in no particular order. update() removes expired ones.
  [[nodiscard]] std::span<const track> tracks() const { return tracks_; }
  [[nodiscard]] bool has_visible() const;
  [[nodiscard]] bool has_lost() const;
  /// Whether two visible faces overlap, so that one may hide the other.
  [[nodiscard]] bool has_overlapping() const;
  /// Whether the appearance of a visible face has changed since its template was captured.
  [[nodiscard]] bool has_changing() const;
  /// Whether a visible face still looks as when its template was captured, and overlaps no other.
  [[nodiscard]] bool is_steady(std::size_t track) const;

 private:
  [[nodiscard]] bool overlaps_another(std::size_t track) const;

  /// A possible match of a track and a detection, by index.
  struct candidate {
    float score;
    std::size_t track;
    std::size_t detection;
  };

  static bool track_face(track& t, const image& in, time_point now, face_template::scratch& scratch);
  void match_by_iou(const image& in, std::span<const found_face> detections, time_point now,
                    face_template::scratch& scratch);
  void match_lost(const image& in, std::span<const found_face> detections, time_point now,
                  face_template::scratch& scratch);
  void disambiguate(const image& in, std::span<const found_face> detections, face_template::scratch& scratch);
  void assign(const image& in, std::span<const found_face> detections, time_point now,
              face_template::scratch& scratch);
  static void set_position(track& t, const found_face& d, time_point now);
  static void move(track& t, const similarity_transform& to, time_point now);

  milliseconds lifetime_;
  std::uint64_t next_id_ = 1;
  std::vector<track> tracks_;
  // Used within one update(); members so that their memory is reused.
  std::vector<candidate> candidates_;
  std::vector<bool> track_matched_;
  std::vector<bool> detection_matched_;
  std::vector<std::size_t> unmatched_;
};

}  // namespace emostream::vision
