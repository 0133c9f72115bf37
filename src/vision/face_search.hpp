#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "vision/analysis_options.hpp"
#include "vision/detection/detection.hpp"
#include "vision/search/rejected_places.hpp"
#include "vision/search/repeated_sightings.hpp"
#include "vision/tracking/tracker.hpp"

namespace emostream::vision {

class engine;
struct workspace;

/// The minimum confidence of a face that is tracked already.
float min_track_confidence(const frame_options& options);

/// Finds the faces in frames of a stream and updates their tracks: the known ones by their meshes, and new
/// ones among the candidates of the detectors. Use from one thread at a time.
class face_search {
 public:
  /// Whether a check of the next frame can do instead of a search: each visible face has a mesh and is so
  /// large that check() would see others of its size, and small ones are not asked for. `longer_side`: of the
  /// frame, in pixels.
  [[nodiscard]] bool can_check(const tracker& faces, int longer_side, const engine& models) const;

  /// Finds the known faces again, and looks for others by the second detector alone, which takes a quarter of
  /// the time of the first one and misses small faces. Returns false if the frame needs a search: because a
  /// known face was not found, or because there may be another.
  bool check(const frame_options& options, time_point now, const engine& models, tracker& faces,
             workspace& work);

  /// Finds the known faces again, and searches a part of the frame, mostly all of it, for others. The first
  /// frame is searched as a single image.
  void search(const frame_options& options, time_point now, const engine& models, tracker& faces,
              workspace& work);

  /// Whether the last search left something to be looked at in the next frame.
  [[nodiscard]] bool is_unfinished() const { return is_unfinished_; }

 private:
  void settle(const region& part, const frame_options& options, time_point now, const engine& models,
              tracker& faces, workspace& work);
  void choose_tracks(const tracker& faces, std::vector<std::size_t>& chosen);
  region choose_part(const engine& models, const workspace& work);
  void verify_candidates(const frame_options& options, time_point now, const engine& models,
                         const tracker& faces, workspace& work);
  enum class verdict : std::uint8_t { face, open, none };  ///< open: the next frames will tell
  verdict judge(std::optional<found_face>& found, float min_confidence, time_point now, const engine& models);

  bool is_first_ = true;           ///< nothing was searched yet
  std::size_t next_track_ = 0;     ///< the track to find again first
  std::size_t next_part_ = 0;      ///< the part of the frame to search next
  bool had_small_face_ = false;    ///< in the last search
  std::size_t pending_parts_ = 0;  ///< enlarged parts to search since a small face appeared
  bool is_unfinished_ = false;
  rejected_places rejected_;
  rejected_places seen_in_checks_;  ///< places for which check() asked for a search
  repeated_sightings sightings_;
};

}  // namespace emostream::vision
