#include "vision/face_search.hpp"

#include <algorithm>
#include <utility>

#include "vision/engine.hpp"
#include "vision/search/suppression.hpp"

namespace emostream::vision {

namespace {

// The most networks that run in one search, so that it takes no longer than a few frames; the others have
// their turn in the next frames (ADR 30).
constexpr std::size_t max_settled_tracks = 8;
/// Of these, those that match their templates well: their meshes, moved along, are right for seconds.
constexpr std::size_t max_steady_tracks = 2;
constexpr std::size_t max_verifications = 8;
/// Of these, those in which faces may lie in any direction: it takes four times as long.
constexpr std::size_t max_turned_verifications = 1;
constexpr float min_turned_confidence = 0.4F;

/// A candidate where no face was found is verified again after this time, at first. Small faces are seen well
/// only in some frames.
constexpr milliseconds rejected_for{3000};
constexpr milliseconds small_rejected_for{1000};

/// A tracked face may have this much less confidence than a new face needs, so that it does not flicker.
constexpr float confidence_hysteresis = 0.15F;

/// Whether the part of the frame in which the detector searched contains the box.
bool was_searched(const rect& box, const region& part, const image& frame) {
  const auto reduction = static_cast<float>(frame.reduction);
  const auto left = reduction * static_cast<float>(part.left);
  const auto top = reduction * static_cast<float>(part.top);
  return box.x >= left && box.y >= top &&
         box.x + box.width <= left + reduction * static_cast<float>(part.width) &&
         box.y + box.height <= top + reduction * static_cast<float>(part.height);
}

void list_visible(const tracker& faces, std::vector<rect>& boxes) {
  boxes.clear();
  for (const track& t : faces.tracks())
    if (!t.lost) boxes.push_back(t.position.box);
}

void drop_known(workspace& work) {
  std::erase_if(work.candidates, [&](const detection& c) {
    return is_known(c, work.known, engine::precise_from(work.frame.original_longer_side()));
  });
}

/// Leaves a visible face where it was tracked to.
void keep(std::size_t track, tracker& faces, workspace& work) {
  faces.keep(track);
  work.known.push_back(faces.tracks()[track].position.box);
}

/// The face of a track by its mesh, moved along; nothing if it has none or shows no face.
std::optional<found_face> follow(const track& t, const frame_options& options, const engine& models,
                                 workspace& work) {
  if (!t.position.mesh) return std::nullopt;
  auto found = models.follow(t.position, work);
  if (found && found->confidence < min_track_confidence(options)) found.reset();
  return found;
}

/// The face of a track in the frame: its mesh moved along, or what the verifier finds at its place or, where
/// that finds nothing but the detector still does, the detector's box.
std::optional<found_face> find_again(const track& t, const frame_options& options, const engine& models,
                                     workspace& work) {
  if (auto followed = follow(t, options, models, work)) return followed;
  const auto candidate = std::ranges::max_element(
      work.candidates, {}, [&](const detection& c) { return iou(c.box, t.position.box); });
  constexpr float min_iou = 0.3F;
  const bool detected = candidate != work.candidates.end() && iou(candidate->box, t.position.box) >= min_iou;
  detection place = detected ? *candidate : static_cast<const detection&>(t.position);
  if (!detected) place.confidence = 0.5F;
  auto found = models.verify(place, roll_search::as_detected, work.known, work);
  if (found && found->confidence >= min_track_confidence(options)) return found;
  if (!detected) return std::nullopt;
  found_face kept{*candidate, t.position.look};
  kept.confidence = std::min(t.position.confidence, candidate->confidence);
  return kept;
}

/// The confidence that a candidate needs: less where a face was lost.
float min_confidence_of(const detection& candidate, const tracker& faces, const frame_options& options) {
  constexpr float min_iou = 0.3F;
  const bool was_lost_here = std::ranges::any_of(faces.tracks(), [&](const track& t) {
    return t.lost && std::max(iou(t.position.box, candidate.box), iou(t.confirmed, candidate.box)) >= min_iou;
  });
  return was_lost_here ? min_track_confidence(options) : options.min_confidence;
}

}  // namespace

float min_track_confidence(const frame_options& options) {
  return std::max(options.min_confidence - confidence_hysteresis, std::min(options.min_confidence, 0.05F));
}

bool face_search::can_check(const tracker& faces, int longer_side, const engine& models) const {
  const auto is_clear = [&](const track& t) {
    return t.position.mesh && t.position.box.width >= engine::precise_from(longer_side);
  };
  return !is_unfinished_ && models.can_glance() && !models.options.far_faces &&
         faces.tracks().size() <= max_settled_tracks && faces.has_visible() && !faces.has_lost() &&
         std::ranges::all_of(faces.tracks(), is_clear);
}

bool face_search::check(const frame_options& options, time_point now, const engine& models, tracker& faces,
                        workspace& work) {
  models.glance(work);
  list_visible(faces, work.known);
  std::erase_if(work.candidates, [&](const detection& c) {
    return std::ranges::any_of(work.known, [&](const rect& box) { return iou(box, c.box) > 0; }) ||
           seen_in_checks_.contains(c, now);
  });
  for (const detection& c : work.candidates) seen_in_checks_.add(c, rejected_for, now);
  if (!work.candidates.empty()) return false;
  choose_turn(faces, work.turn);
  for (std::size_t i = 0; i < faces.tracks().size(); ++i) faces.keep(i);
  for (const std::size_t i : work.turn) {
    const auto found = follow(faces.tracks()[i], options, models, work);
    if (!found) return false;
    faces.confirm(i, work.frame, *found, now, work.tracking_scratch);
  }
  faces.update(work.frame, {}, now, work.tracking_scratch);
  return true;
}

void face_search::search(const frame_options& options, time_point now, bool first, const engine& models,
                         tracker& faces, workspace& work) {
  list_visible(faces, work.known);
  const region part = models.part_to_search(next_part_++, work.known, work.frame);
  models.find_candidates(part, work);
  settle(part, options, now, models, faces, work);
  work.detections.clear();
  is_unfinished_ = false;
  bool all_verified = verify_candidates(options, now, models, faces, work);
  // The first frame may be the only one: it has the faces that a single image would have.
  if (first && work.detections.empty() && all_verified) {
    models.find_candidates(models.part_to_search(next_part_++, {}, work.frame), work);
    all_verified = verify_candidates(options, now, models, faces, work);
  }
  is_unfinished_ |= !all_verified;
  for (const std::size_t i : faces.update(work.frame, work.detections, now, work.tracking_scratch))
    faces.add(work.frame, work.detections[i], now, work.tracking_scratch);
}

/// Finds the visible faces again, each in its turn if there are many, and settles their tracks.
void face_search::settle(const region& part, const frame_options& options, time_point now,
                         const engine& models, tracker& faces, workspace& work) {
  work.known.clear();
  choose_turn(faces, work.turn);
  for (std::size_t i = 0; i < faces.tracks().size(); ++i)
    if (!faces.tracks()[i].lost && std::ranges::count(work.turn, i) == 0) keep(i, faces, work);
  // Where two tracks claim a face, it belongs to that whose template matches better.
  std::ranges::sort(work.turn, std::ranges::greater{},
                    [&](std::size_t i) { return faces.tracks()[i].match_score; });
  for (const std::size_t i : work.turn) {
    const track& t = faces.tracks()[i];
    const auto found = find_again(t, options, models, work);
    const bool taken = found && std::ranges::any_of(work.known, [&](const rect& box) {
                         return is_same_face(box, found->box);
                       });
    if (taken) {
      faces.lose(i);
    } else if (found) {
      work.known.push_back(found->box);
      faces.confirm(i, work.frame, *found, now, work.tracking_scratch);
    } else if (was_searched(t.position.box, part, work.frame) || faces.has_moved(i)) {
      if (!faces.doubt(i)) work.known.push_back(t.position.box);
    } else {
      keep(i, faces, work);
    }
  }
}

/// The visible faces whose turn it is.
void face_search::choose_turn(const tracker& faces, std::vector<std::size_t>& turn) {
  turn.clear();
  std::size_t steady = 0;
  const std::size_t count = faces.tracks().size();
  const std::size_t first = next_track_;
  for (std::size_t k = 0; k < count && turn.size() < max_settled_tracks; ++k) {
    const std::size_t i = (first + k) % count;
    const track& t = faces.tracks()[i];
    if (t.lost) continue;
    const bool is_steady = t.position.mesh && faces.is_steady(i);
    if (is_steady && steady == max_steady_tracks) continue;
    turn.push_back(i);
    if (is_steady) ++steady;
    if (is_steady || steady == 0) next_track_ = i + 1;
  }
}

/// Verifies the candidates that are no known faces and not at rejected places, and appends the faces to the
/// detections. Returns false if there are so many that others have to wait for the next frame.
bool face_search::verify_candidates(const frame_options& options, time_point now, const engine& models,
                                    const tracker& faces, workspace& work) {
  drop_known(work);
  std::erase_if(work.candidates, [&](const detection& c) { return rejected_.contains(c, now); });
  for (std::size_t i = 0; i < std::min(work.candidates.size(), max_verifications); ++i) {
    const detection& candidate = work.candidates[i];
    const bool may_be_turned = i < max_turned_verifications && candidate.confidence >= min_turned_confidence;
    const auto rolls = may_be_turned ? roll_search::any : roll_search::as_detected;
    auto found = models.verify(candidate, rolls, work.known, work);
    const float min_confidence = min_confidence_of(candidate, faces, options);
    const bool is_doubtful =
        found && found->confidence < min_confidence && repeated_sightings::may_help(*found);
    if (is_doubtful) {
      const auto together = sightings_.add(*found, now);
      if (!together) {
        is_unfinished_ = true;
        continue;
      }
      found->confidence = *together;
    }
    if (!found || found->confidence < min_confidence) {
      const bool is_small = candidate.box.width < engine::precise_from(work.frame.original_longer_side());
      rejected_.add(candidate, is_small ? small_rejected_for : rejected_for, now);
      continue;
    }
    work.known.push_back(found->box);
    work.detections.push_back(std::move(*found));
  }
  suppress_duplicates(work.detections);
  return work.candidates.size() <= max_verifications;
}

}  // namespace emostream::vision
