#include "vision/stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vision/engine.hpp"
#include "vision/search/suppression.hpp"
#include "vision/stopwatch.hpp"

namespace emostream::vision {

namespace {

/// A tracked face may have this much less confidence than a new face needs, so that it does not flicker.
constexpr float confidence_hysteresis = 0.15F;

/// The detection interval, in frames, while a face is lost: it may reappear at any moment.
constexpr int detect_every_while_lost = 2;

/// The detection interval, in frames, while faces overlap: templates do not tell where a hidden one is.
constexpr int detect_every_while_overlapping = 2;

/// The detection interval, in frames, while a face no longer matches its template well, as when it turns.
constexpr int detect_every_while_changing = 3;

// The most networks that run in one search, so that it takes no longer than a few frames; the others have
// their turn in the next frames (ADR 30).
constexpr std::size_t max_settled_tracks = 8;
constexpr std::size_t max_verifications = 8;
/// Of these, those in which faces may lie in any direction: it takes four times as long.
constexpr std::size_t max_turned_verifications = 1;
constexpr float min_turned_confidence = 0.4F;

/// A candidate where no face was found is verified again after this time, or if the detector is more
/// confident by `min_gain`. Small faces are seen well only in some frames.
constexpr milliseconds rejected_for{3000};
constexpr milliseconds small_rejected_for{1000};
constexpr float min_gain = 0.1F;
/// The IoU of the same place in two searches. A face that overlaps a place where none was found, or lies in a
/// large one, is looked at.
constexpr float same_place_iou = 0.6F;

/// A reading is reused if the correlation of the crops is at least this. In stream_test.cpp, the
/// probabilities of such crops differ by less than 0.05.
constexpr float unchanged_correlation = 0.995F;

/// Whether the part of the frame in which the detector searched contains the box.
bool was_searched(const rect& box, const region& part, const image& frame) {
  const auto reduction = static_cast<float>(frame.reduction);
  const auto left = reduction * static_cast<float>(part.left);
  const auto top = reduction * static_cast<float>(part.top);
  return box.x >= left && box.y >= top &&
         box.x + box.width <= left + reduction * static_cast<float>(part.width) &&
         box.y + box.height <= top + reduction * static_cast<float>(part.height);
}

/// The minimum confidence of a tracked face.
float min_track_confidence(const frame_options& options) {
  return std::max(options.min_confidence - confidence_hysteresis, std::min(options.min_confidence, 0.05F));
}

/// The correlation of two crops, -1..1, which is independent of brightness and contrast; -1 if undefined.
float correlation(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size() || a.empty()) return -1;
  double sum_a = 0;
  double sum_b = 0;
  double square_a = 0;
  double square_b = 0;
  double product = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    square_a += a[i] * a[i];
    square_b += b[i] * b[i];
    product += a[i] * b[i];
  }
  const auto count = static_cast<double>(a.size());
  const double variance = (square_a - sum_a * sum_a / count) * (square_b - sum_b * sum_b / count);
  return variance > 0 ? static_cast<float>((product - sum_a * sum_b / count) / std::sqrt(variance)) : -1;
}

}  // namespace

stream::stream(std::shared_ptr<const engine> models, const stream_options& options)
    : engine_(std::move(models)),
      options_(options),
      tracker_(options.id_lifetime),
      reduction_(engine::max_reduction) {
  options_.detect_every = std::max(options_.detect_every, 1);
}

bool stream::is_detection_due(const frame_options& options, time_point received) const {
  if (frames_since_detection_ < 0) return true;
  // Search more often while no face is visible.
  const int divisor = tracker_.has_visible() ? 1 : 3;
  int every = std::max(options_.detect_every / divisor, 1);
  if (tracker_.has_changing()) every = std::min(every, detect_every_while_changing);
  if (tracker_.has_overlapping()) every = std::min(every, detect_every_while_overlapping);
  if (tracker_.has_lost()) every = std::min(every, detect_every_while_lost);
  if (frames_since_detection_ + 1 >= every) return true;
  if (has_unverified_ && !options.under_load) return true;
  // Under load, so few frames are analyzed that this time limit would cause a detection in every frame.
  return !options.under_load && received - last_detection_ >= options_.detect_after / divisor;
}

std::error_code stream::analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                                time_point received, analysis& into) {
  const auto work = engine_->workspaces.take();
  if (const auto error = find_faces(encoded, options, received, into, *work)) return error;
  stopwatch watch;
  const std::size_t count = choose_faces_to_measure(into.faces);
  if (const auto error = engine_->crop_faces(into.faces, count, *work)) return error;
  reuse_readings(into.faces, received, *work);
  engine_->classify(into.faces, *work);
  cache_readings(into.faces, count, received, *work);
  recall_others(std::span(into.faces).subspan(count));
  keep_largest(into.faces, 0);
  if (options.eyes) {
    if (const auto error = eyes_.update(into.faces, tracker_.tracks(), received, *engine_, *work))
      return error;
  }
  into.times.classify = watch.lap();
  return {};
}

/// Decodes what the detector needs if a search is due, otherwise what tracking needs, and tracks the faces.
/// Searches if it is due or if a face was lost.
std::error_code stream::find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                                   time_point received, analysis& into, workspace& work) {
  bool searching = is_detection_due(options, received);
  stopwatch watch;
  if (const auto error = decode_frame(encoded, options, searching, into, work)) return error;
  into.times = {.decode = watch.lap()};
  if (!tracker_.track_frame(work.frame, received, work.tracking_scratch) && !searching) {
    into.times.detect = watch.lap();
    searching = true;
    if (!work.frame.is_full()) {
      if (const auto error = decode_frame(encoded, options, searching, into, work)) return error;
      into.times.decode += watch.lap();
    }
  }
  if (searching) {
    if (const auto error = search(options, received, work)) return error;
  } else {
    ++frames_since_detection_;
  }
  report(options, into);
  reduction_ = engine_->crop_reduction(into.faces);
  if (options.eyes) reduction_ = std::min(reduction_, eye_reduction(into.faces));
  into.times.detect += watch.lap();
  return {};
}

std::error_code stream::decode_frame(std::span<const std::uint8_t> encoded, const frame_options& options,
                                     bool for_detection, analysis& into, workspace& work) const {
  // In gray, fewer blinks are seen.
  const bool colour = options.eyes || engine_->classifier.format().channels != channel_order::gray;
  decode_options how = for_detection ? engine_->decode_options_for_detection(reduction_)
                                     : decode_options{.colour = colour, .max_reduction = reduction_};
  how.upright = options.upright;
  const auto size = engine_->decode_frame(encoded, engine_->options.frame_limits, how, work);
  if (!size) return size.error();
  into.width = size->width;
  into.height = size->height;
  return {};
}

/// Finds the known faces again and searches the frame for others.
std::error_code stream::search(const frame_options& options, time_point received, workspace& work) {
  work.known.clear();
  for (const track& t : tracker_.tracks())
    if (!t.lost) work.known.push_back(t.position.box);
  const region part = engine_->part_to_search(next_part_++, work.known, work.frame);
  engine_->find_candidates(part, work);
  if (const auto error = settle_tracks(part, options, received, work)) return error;
  if (const auto error = verify_candidates(options, received, work)) return error;
  // The first frame may be the only one: it has the faces that a single image would have.
  if (frames_since_detection_ < 0 && work.detections.empty() && !has_unverified_) {
    engine_->find_candidates(engine_->part_to_search(next_part_++, {}, work.frame), work);
    if (const auto error = verify_candidates(options, received, work)) return error;
  }
  const auto unmatched = tracker_.update(work.frame, work.detections, received, work.tracking_scratch);
  for (const std::size_t i : unmatched)
    tracker_.add(work.frame, work.detections[i], received, work.tracking_scratch);
  search_done(received);
  return {};
}

void stream::search_done(time_point received) {
  // After the first search, apply the phase offset as if some frames had already passed.
  const bool first = frames_since_detection_ < 0;
  const int phase =
      first ? static_cast<int>(options_.detection_phase % static_cast<unsigned>(options_.detect_every)) : 0;
  frames_since_detection_ = phase;
  last_detection_ = received - options_.detect_after * phase / options_.detect_every;
}

/// Finds the visible faces again, each in its turn if there are many, and settles their tracks.
std::error_code stream::settle_tracks(const region& part, const frame_options& options, time_point received,
                                      workspace& work) {
  work.known.clear();
  choose_tracks_to_settle(work.turn);
  for (std::size_t i = 0; i < tracker_.tracks().size(); ++i)
    if (!tracker_.tracks()[i].lost && std::ranges::count(work.turn, i) == 0) keep_track(i, work);
  // Where two tracks claim a face, it belongs to that whose template matches better.
  std::ranges::sort(work.turn, std::ranges::greater{},
                    [&](std::size_t i) { return tracker_.tracks()[i].match_score; });
  for (const std::size_t i : work.turn) {
    const track& t = tracker_.tracks()[i];
    const auto found = find_again(t, options, work);
    if (!found) return found.error();
    const bool taken = *found && std::ranges::any_of(work.known, [&](const rect& box) {
      return is_same_face(box, (*found)->box);
    });
    if (taken) {
      tracker_.lose(i);
    } else if (*found) {
      work.known.push_back((*found)->box);
      tracker_.confirm(i, work.frame, **found, received, work.tracking_scratch);
    } else if (!was_searched(t.position.box, part, work.frame) || !tracker_.doubt(i)) {
      keep_track(i, work);
    }
  }
  return {};
}

/// Leaves a visible face where it was tracked to.
void stream::keep_track(std::size_t i, workspace& work) {
  tracker_.keep(i);
  work.known.push_back(tracker_.tracks()[i].position.box);
}

/// The visible faces whose turn it is, at most `max_settled_tracks`.
void stream::choose_tracks_to_settle(std::vector<std::size_t>& turn) {
  turn.clear();
  const std::size_t count = tracker_.tracks().size();
  for (std::size_t k = 0; k < count && turn.size() < max_settled_tracks; ++k) {
    const std::size_t i = (next_track_ + k) % count;
    if (!tracker_.tracks()[i].lost) turn.push_back(i);
  }
  next_track_ = turn.empty() ? 0 : turn.back() + 1;
}

/// The face of a track in the frame: its mesh moved along, or what the verifier finds at its place or, where
/// that finds nothing but the detector still does, the detector's box.
result<std::optional<found_face>> stream::find_again(const track& t, const frame_options& options,
                                                     workspace& work) const {
  const float min_confidence = min_track_confidence(options);
  if (t.position.mesh) {
    auto found = engine_->follow(t.position, work);
    if (!found || (*found && (*found)->confidence >= min_confidence)) return found;
  }
  const auto candidate = std::ranges::max_element(
      work.candidates, {}, [&](const detection& c) { return iou(c.box, t.position.box); });
  constexpr float min_iou = 0.3F;
  const bool detected = candidate != work.candidates.end() && iou(candidate->box, t.position.box) >= min_iou;
  detection place = detected ? *candidate : static_cast<const detection&>(t.position);
  if (!detected) place.confidence = 0.5F;
  auto found = engine_->verify(place, roll_search::as_detected, work.known, work);
  if (!found || (*found && (*found)->confidence >= min_confidence)) return found;
  if (!detected) return std::nullopt;
  found_face kept{*candidate, t.position.look};
  kept.confidence = std::min(t.position.confidence, candidate->confidence);
  return kept;
}

/// Removes the candidates at known faces and at places that were rejected lately.
void stream::drop_known_candidates(time_point received, workspace& work) {
  std::erase_if(rejected_, [&](const rejected_place& r) { return received >= r.until; });
  std::erase_if(work.candidates, [&](const detection& c) {
    return is_known(c, work.known, engine_->precise_from(work.frame)) ||
           std::ranges::any_of(rejected_, [&](const rejected_place& r) {
             return iou(r.candidate.box, c.box) > same_place_iou &&
                    c.confidence < r.candidate.confidence + min_gain;
           });
  });
}

/// Verifies the candidates that are no known faces; if there are many, the others in the next frames.
std::error_code stream::verify_candidates(const frame_options& options, time_point received,
                                          workspace& work) {
  drop_known_candidates(received, work);
  work.detections.clear();
  has_unverified_ = work.candidates.size() > max_verifications;
  for (std::size_t i = 0; i < std::min(work.candidates.size(), max_verifications); ++i) {
    const detection& candidate = work.candidates[i];
    const bool may_be_turned = i < max_turned_verifications && candidate.confidence >= min_turned_confidence;
    const auto rolls = may_be_turned ? roll_search::any : roll_search::as_detected;
    auto found = engine_->verify(candidate, rolls, work.known, work);
    if (!found) return found.error();
    if (!*found || (*found)->confidence < options.min_confidence) {
      const bool small = candidate.box.width < engine_->precise_from(work.frame);
      rejected_.push_back({candidate, received + (small ? small_rejected_for : rejected_for)});
      continue;
    }
    work.known.push_back((*found)->box);
    work.detections.push_back(std::move(**found));
  }
  suppress_duplicates(work.detections);
  return {};
}

/// Copies the visible tracks with enough confidence into the result.
void stream::report(const frame_options& options, analysis& into) const {
  into.faces.clear();
  for (const track& t : tracker_.tracks()) {
    if (t.lost || t.position.confidence < min_track_confidence(options) ||
        t.best_confidence < options.min_confidence)
      continue;
    into.faces.push_back(engine_->make_face(t.position));
    into.faces.back().id = t.id;
  }
  keep_largest(into.faces, options.max_faces);
}

/// Moves the faces that were not measured for the longest time, at most `max_classified`, to the front, and
/// returns how many they are: in a crowd, the faces are measured in turns.
std::size_t stream::choose_faces_to_measure(std::span<face> faces) const {
  const auto most = static_cast<std::size_t>(std::max(engine_->options.max_classified, 0));
  if (faces.size() <= most) return faces.size();
  const auto measured = [&](const face& f) {
    const auto cached = std::ranges::find(cached_readings_, f.id, &cached_reading::face_id);
    return cached == cached_readings_.end() ? time_point::min() : cached->cropped;
  };
  std::ranges::stable_sort(faces, {}, measured);
  return most;
}

/// Gives the faces that are not measured in this frame their last reading and quality.
void stream::recall_others(std::span<face> faces) const {
  for (face& f : faces) {
    const auto cached = std::ranges::find(cached_readings_, f.id, &cached_reading::face_id);
    if (cached == cached_readings_.end()) continue;
    f.reading = cached->reading;
    f.quality = cached->quality;
  }
}

/// Copies the cached readings of unchanged faces, and selects the other faces for classification.
void stream::reuse_readings(std::span<face> faces, time_point received, workspace& work) {
  engine::select_all(work);
  if (options_.reuse_for.count() == 0) return;
  std::erase_if(work.selected, [&](std::size_t i) {
    face& f = faces[i];
    const auto cached = std::ranges::find(cached_readings_, f.id, &cached_reading::face_id);
    if (cached == cached_readings_.end() || received - cached->computed > options_.reuse_for ||
        correlation(engine_->crop(work, i), cached->crop) < unchanged_correlation)
      return false;
    f.reading = cached->reading;
    f.hidden = cached->hidden;
    flag_cover(f.quality, f.hidden);
    return true;
  });
}

/// Caches the new readings of the first `count` faces; classify() has moved their crops to the front.
void stream::cache_readings(std::span<const face> faces, std::size_t count, time_point received,
                            const workspace& work) {
  std::erase_if(cached_readings_, [&](const cached_reading& c) {
    return std::ranges::count(faces, c.face_id, &face::id) == 0;
  });
  for (std::size_t k = 0; k < work.selected.size(); ++k) {
    const face& f = faces[work.selected[k]];
    auto cached = std::ranges::find(cached_readings_, f.id, &cached_reading::face_id);
    if (cached == cached_readings_.end()) cached = cached_readings_.emplace(cached_readings_.end());
    cached->face_id = f.id;
    cached->computed = received;
    const auto crop = engine_->crop(work, k);
    cached->crop.assign(crop.begin(), crop.end());
    cached->reading = *f.reading;
    cached->hidden = f.hidden;
  }
  for (const face& f : faces.first(count)) {
    const auto cached = std::ranges::find(cached_readings_, f.id, &cached_reading::face_id);
    cached->cropped = received;
    cached->quality = f.quality;
  }
}

}  // namespace emostream::vision
