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
  detection position;              ///< in the last frame in which the face was in view
  similarity_transform transform;  ///< from template pixels to image pixels, in that frame
  face_template reference;    ///< captured at the first detection, and at later ones that overlap no other
  float match_score = 1;      ///< of the template in the last tracked frame; 1 after a detection
  float best_confidence = 0;  ///< the highest of all its detections
  time_point last_seen;
  point velocity;  ///< pixels per second
  bool lost = false;
};

/// Tracks faces from frame to frame and assigns ids. The caller runs a detector from time to time and passes
/// its detections to update(); in between, track_frame() finds each face by its template. A lost track is
/// kept for the lifetime, and continues with a detection close enough that matches its template or, for a
/// short time, overlaps its box. Ids are never reused. Use one tracker per stream, from one thread at a time;
/// threads must not share a `scratch`.
class tracker {
 public:
  explicit tracker(milliseconds lifetime = milliseconds{1500}) : lifetime_(lifetime) {}

  /// Tracks the visible faces into the next frame without a detector. Returns false if a face was not found.
  /// `now` must not go backwards.
  bool track_frame(const image& in, time_point now, face_template::scratch& scratch);

  /// Updates the tracks from the detections in a frame; visible faces without a detection become lost.
  /// Returns the indices of the detections that match no track, valid until the next call.
  std::span<const std::size_t> update(const image& in, std::span<const detection> detections, time_point now,
                                      face_template::scratch& scratch);

  /// Starts a track, with a new id, for a detection that update() did not match.
  void add(const image& in, const detection& d, time_point now, face_template::scratch& scratch);

  /// All tracks, visible and lost, in no particular order. update() removes expired ones.
  [[nodiscard]] std::span<const track> tracks() const { return tracks_; }
  [[nodiscard]] bool has_visible() const;
  [[nodiscard]] bool has_lost() const;
  /// Whether the appearance of a visible face has changed since its template was captured.
  [[nodiscard]] bool has_changing() const;

 private:
  /// A possible match of a track and a detection, by index.
  struct candidate {
    float score;
    std::size_t track;
    std::size_t detection;
  };

  static bool track_face(track& t, const image& in, time_point now, face_template::scratch& scratch);
  void match_by_iou(const image& in, std::span<const detection> detections, time_point now,
                    face_template::scratch& scratch);
  void match_lost(const image& in, std::span<const detection> detections, time_point now,
                  face_template::scratch& scratch);
  void disambiguate(const image& in, std::span<const detection> detections, face_template::scratch& scratch);
  void assign(const image& in, std::span<const detection> detections, time_point now,
              face_template::scratch& scratch);
  static void set_position(track& t, const detection& d, time_point now);
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
