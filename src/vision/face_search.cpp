#include "vision/face_search.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "vision/engine.hpp"
#include "vision/search/enlarged_parts.hpp"
#include "vision/search/suppression.hpp"

namespace emostream::vision {

namespace {

// Limits of the work in one search; the rest waits for the next frames (ADR 30).
constexpr std::size_t max_settled_tracks = 8;
/// Of these, those that match their templates well: their meshes, moved along, are right for seconds.
constexpr std::size_t max_steady_tracks = 2;
constexpr std::size_t max_verifications = 8;
/// Of these, those in which the face may lie in any direction: it takes four times as long.
constexpr std::size_t max_any_roll_verifications = 1;
constexpr float min_any_roll_confidence = 0.4F;

/// A candidate where no face was found is verified again after this time, at first. Small faces are seen well
/// only in some frames.
constexpr milliseconds rejected_for{3000};
constexpr milliseconds small_rejected_for{1000};

/// A tracked face may have this much less confidence than a new face needs, so that it does not flicker.
constexpr float confidence_hysteresis = 0.15F;

/// Whether the part of the frame in which the detector searched contains what the frame shows of the box.
bool was_searched(const rect& box, const region& part, const image& frame) {
  const auto is_within = [r = static_cast<float>(frame.reduction)](float from, float to, int start,
                                                                   int length, int whole) {
    return std::max(from, 0.0F) >= r * static_cast<float>(start) &&
           std::min(to, r * static_cast<float>(whole)) <= r * static_cast<float>(start + length);
  };
  return is_within(box.x, box.x + box.width, part.left, part.width, frame.width) &&
         is_within(box.y, box.y + box.height, part.top, part.height, frame.height);
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
  if (!detected && !models.verifier.has_second_detector()) return std::nullopt;
  detection place = detected ? *candidate : static_cast<const detection&>(t.position);
  if (!detected) place.confidence = 0.5F;
  auto found = models.verify(place, roll_search::as_detected, work.known, work);
  if (found && contains_face(work.known, found->box)) found.reset();
  if (found && found->confidence >= min_track_confidence(options)) return found;
  if (!detected) return std::nullopt;
  found_face kept{*candidate, t.position.look};
  kept.confidence = std::min(t.position.confidence, candidate->confidence);
  return kept;
}

bool was_lost_here(const detection& candidate, const tracker& faces) {
  constexpr float min_iou = 0.3F;
  return std::ranges::any_of(faces.tracks(), [&](const track& t) {
    return t.lost && !t.hidden &&
           std::max(iou(t.position.box, candidate.box), iou(t.confirmed, candidate.box)) >= min_iou;
  });
}

}  // namespace

float min_track_confidence(const frame_options& options) {
  return std::max(options.min_confidence - confidence_hysteresis, std::min(options.min_confidence, 0.05F));
}

bool face_search::can_check(const tracker& faces, int longer_side, const engine& models) const {
  const auto is_clear = [&](const track& t) {
    return t.position.mesh && t.position.box.width >= engine::precise_from(longer_side);
  };
  return !is_unfinished_ && models.verifier.has_second_detector() && !models.options.far_faces &&
         faces.tracks().size() <= max_settled_tracks && faces.has_visible() && !faces.has_lost() &&
         std::ranges::all_of(faces.tracks(), is_clear);
}

bool face_search::check(const frame_options& options, time_point now, const engine& models, tracker& faces,
                        workspace& work) {
  models.find_large_candidates(work);
  list_visible(faces, work.known);
  std::erase_if(work.candidates, [&](const detection& c) {
    return std::ranges::any_of(work.known, [&](const rect& box) { return iou(box, c.box) > 0; }) ||
           seen_in_checks_.contains(c, now);
  });
  for (const detection& c : work.candidates) seen_in_checks_.add(c, rejected_for, now);
  if (!work.candidates.empty()) return false;
  const std::size_t next_track = next_track_;
  choose_tracks(faces, work.tracks);
  for (std::size_t i = 0; i < faces.tracks().size(); ++i) faces.keep(i);
  for (const std::size_t i : work.tracks) {
    const auto found = follow(faces.tracks()[i], options, models, work);
    if (!found) {
      next_track_ = next_track;  // so that the search begins with the same faces
      return false;
    }
    faces.confirm(i, work.frame, *found, now, work.tracking_scratch);
  }
  faces.update(work.frame, {}, now, work.tracking_scratch);
  return true;
}

void face_search::search(const frame_options& options, time_point now, const engine& models, tracker& faces,
                         workspace& work) {
  list_visible(faces, work.known);
  is_unfinished_ = false;
  if (std::exchange(is_first_, false)) {
    // It may be the only one: it has the faces that a single image would have.
    models.search(work);
    std::erase_if(work.detections,
                  [&](const found_face& d) { return d.confidence < options.min_confidence; });
  } else {
    const region part = choose_part(models, work);
    models.find_candidates(part, work);
    settle(part, options, now, models, faces, work);
    verify_candidates(options, now, models, faces, work);
  }
  for (const std::size_t i : faces.update(work.frame, work.detections, now, work.tracking_scratch))
    faces.add(work.frame, work.detections[i], now, work.tracking_scratch);
}

/// The part of the frame to search. When the first small face appears, all enlarged parts are searched in the
/// next frames; later, one in every second search.
region face_search::choose_part(const engine& models, const workspace& work) {
  const bool has_small_face = engine::has_small_face(work.known, work.frame);
  if (has_small_face && !had_small_face_) pending_parts_ = enlarged_parts(work.frame).size();
  had_small_face_ = has_small_face;
  if (pending_parts_ == 0) return models.part_to_search(next_part_++, work.known, work.frame);
  const auto parts = enlarged_parts(work.frame);
  is_unfinished_ = --pending_parts_ > 0;
  return parts[std::min(pending_parts_, parts.size() - 1)];
}

/// Finds the visible faces again, some of them if there are many, and settles their tracks.
void face_search::settle(const region& part, const frame_options& options, time_point now,
                         const engine& models, tracker& faces, workspace& work) {
  work.known.clear();
  choose_tracks(faces, work.tracks);
  for (std::size_t i = 0; i < faces.tracks().size(); ++i)
    if (!faces.tracks()[i].lost && std::ranges::count(work.tracks, i) == 0) keep(i, faces, work);
  // Where two tracks claim a face, it belongs to that whose template matches better.
  std::ranges::sort(work.tracks, std::ranges::greater{},
                    [&](std::size_t i) { return faces.tracks()[i].match_score; });
  for (const std::size_t i : work.tracks) {
    const track& t = faces.tracks()[i];
    const auto found = find_again(t, options, models, work);
    const bool taken = found && contains_face(work.known, found->box);
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

/// The visible faces to find again in this frame: those that changed, and others one after the other.
void face_search::choose_tracks(const tracker& faces, std::vector<std::size_t>& chosen) {
  chosen.clear();
  std::size_t steady = 0;
  const std::size_t count = faces.tracks().size();
  const std::size_t first = next_track_;
  for (std::size_t k = 0; k < count && chosen.size() < max_settled_tracks; ++k) {
    const std::size_t i = (first + k) % count;
    const track& t = faces.tracks()[i];
    if (t.lost) continue;
    const bool is_steady = t.position.mesh && faces.is_steady(i);
    if (is_steady && steady == max_steady_tracks) continue;
    chosen.push_back(i);
    if (is_steady) ++steady;
    if (is_steady || steady == 0) next_track_ = i + 1;
  }
}

/// Replaces the detections with the faces among the candidates that are not known. Leaves candidates for the
/// next frames if there are many.
void face_search::verify_candidates(const frame_options& options, time_point now, const engine& models,
                                    const tracker& faces, workspace& work) {
  work.detections.clear();
  drop_known(work);
  std::erase_if(work.candidates,
                [&](const detection& c) { return rejected_.contains(c, now) && !was_lost_here(c, faces); });
  is_unfinished_ |= work.candidates.size() > max_verifications;
  std::size_t any_roll = 0;
  for (const detection& candidate : work.candidates | std::views::take(max_verifications)) {
    const bool may_be_turned = candidate.confidence >= min_any_roll_confidence;
    const bool is_any_roll = may_be_turned && any_roll < max_any_roll_verifications;
    if (is_any_roll) ++any_roll;
    const auto rolls = is_any_roll ? roll_search::any : roll_search::as_detected;
    auto found = models.verify(candidate, rolls, work.known, work);
    if (found && contains_face(work.known, found->box)) continue;
    const float min_confidence =
        was_lost_here(candidate, faces) ? min_track_confidence(options) : options.min_confidence;
    const auto seen = judge(found, min_confidence, now, models);
    if (seen == verdict::face) {
      work.known.push_back(found->box);
      work.detections.push_back(std::move(*found));
    } else if (seen == verdict::open || is_any_roll != may_be_turned) {
      is_unfinished_ = true;
    } else {
      const bool is_small = candidate.box.width < engine::precise_from(work.frame.original_longer_side());
      rejected_.add(candidate, is_small ? small_rejected_for : rejected_for, now);
    }
  }
  suppress_duplicates(work.detections);
}

/// Whether what the verifier found at a candidate is a face, if need be by earlier sightings, which then
/// replace its confidence.
face_search::verdict face_search::judge(std::optional<found_face>& found, float min_confidence,
                                        time_point now, const engine& models) {
  if (!found) return verdict::none;
  if (found->confidence < min_confidence && models.verifier.has_second_detector() &&
      repeated_sightings::may_help(*found)) {
    const auto together = sightings_.add(*found, now);
    if (!together) return verdict::open;
    found->confidence = *together;
  }
  return found->confidence >= min_confidence ? verdict::face : verdict::none;
}

}  // namespace emostream::vision
