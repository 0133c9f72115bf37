#include "vision/tracking/tracker.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace emostream::vision {

namespace {

/// Two images of one face, a few frames apart, score higher than this; images of two different faces in one
/// frame mostly score lower.
constexpr float min_match_score = 0.6F;
/// Below this, the face has changed since its template was captured.
constexpr float stable_match_score = 0.8F;
/// Above this, no better match is searched for.
constexpr float confident_match_score = 0.85F;
/// Boxes of one face in consecutive frames have a larger IoU than this.
constexpr float min_iou = 0.3F;
/// After a pause between frames that is longer than this and than the lifetime, all tracks are dropped.
constexpr milliseconds max_pause{5000};

/// The transform of a face's template: the eyes are about a third of the side from the top, and as far apart
/// as in BlazeFace's boxes.
similarity_transform template_transform(const detection& d) {
  constexpr eye_layout eyes{{0.3F, 0.36F}, {0.7F, 0.36F}};
  constexpr float min_eye_distance = 0.38F;
  if (!d.landmarks) return align_box(d.box, 0, face_template::side);
  return align_eyes(eyes, face_template::side, (*d.landmarks)[left_eye], (*d.landmarks)[right_eye],
                    min_eye_distance * d.box.width);
}

float seconds(steady_clock::duration d) {
  return std::chrono::duration<float>(d).count();
}

/// How far a face has moved if it kept its velocity. The prediction is limited to a short time, since faces
/// change direction; one that goes behind another is expected on its other side.
point predicted_offset(const track& t, time_point now) {
  constexpr float max_time = 0.3F;  // s
  constexpr float max_hidden_time = 1;
  const float elapsed = std::min(seconds(now - t.last_seen), t.hidden ? max_hidden_time : max_time);
  return {t.velocity.x * elapsed, t.velocity.y * elapsed};
}

/// Updates the velocity of a visible face whose centre is now at `to`.
void update_velocity(track& t, point to, time_point now) {
  constexpr float newest_weight = 0.5F;
  constexpr float min_interval = 0.03F;  // s; frames that arrive together were not captured together
  if (now <= t.last_seen) return;        // the same frame
  const float elapsed = std::max(seconds(now - t.last_seen), min_interval);
  const point from = t.position.box.centre();
  t.velocity.x += newest_weight * ((to.x - from.x) / elapsed - t.velocity.x);
  t.velocity.y += newest_weight * ((to.y - from.y) / elapsed - t.velocity.y);
}

rect shifted(const rect& box, point by) {
  return {box.x + by.x, box.y + by.y, box.width, box.height};
}

/// The transform of the image that moves a face, given its template's transforms before and after.
similarity_transform motion(const similarity_transform& from, const similarity_transform& to) {
  const float norm = from.a * from.a + from.b * from.b;
  similarity_transform t;
  t.a = (to.a * from.a + to.b * from.b) / norm;  // the complex quotient to / from
  t.b = (to.b * from.a - to.a * from.b) / norm;
  const point origin = t({from.x0, from.y0});
  t.x0 = to.x0 - origin.x;
  t.y0 = to.y0 - origin.y;
  return t;
}

/// The box of a face whose template moves to `to`.
rect moved_box(const track& t, const similarity_transform& to) {
  const float scale = to.scale() / t.transform.scale();
  const point centre = to(t.transform.apply_inverse(t.position.box.centre()));
  const float width = t.position.box.width * scale;
  const float height = t.position.box.height * scale;
  return {centre.x - width / 2, centre.y - height / 2, width, height};
}

bool is_inside(point p, const image& in) {
  const auto reduction = static_cast<float>(in.reduction);
  return p.x >= 0 && p.y >= 0 && p.x < static_cast<float>(in.width) * reduction &&
         p.y < static_cast<float>(in.height) * reduction;
}

}  // namespace

bool tracker::has_visible() const {
  return !std::ranges::all_of(tracks_, &track::lost);
}

bool tracker::has_lost() const {
  return std::ranges::any_of(tracks_, &track::lost);
}

bool tracker::has_changing() const {
  return std::ranges::any_of(tracks_,
                             [](const track& t) { return !t.lost && t.match_score < stable_match_score; });
}

bool tracker::is_steady(std::size_t track) const {
  return tracks_[track].match_score >= stable_match_score && !overlaps_another(track);
}

bool tracker::has_overlapping() const {
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    if (!tracks_[t].lost && overlaps_another(t)) return true;
  return false;
}

void tracker::move(track& t, const similarity_transform& to, time_point now) {
  const auto moved = [&](point p) { return to(t.transform.apply_inverse(p)); };
  const rect box = moved_box(t, to);
  update_velocity(t, box.centre(), now);
  t.position.box = box;
  if (t.position.landmarks)
    for (point& p : *t.position.landmarks) p = moved(p);
  if (t.position.mesh) transform(*t.position.mesh, motion(t.transform, to));
  t.transform = to;
  t.last_seen = now;
}

void tracker::confirm(std::size_t track, const image& in, const found_face& d, time_point now,
                      face_template::scratch& scratch) {
  vision::track& t = tracks_[track];
  set_position(t, d, now);
  t.settled = true;
  if (!overlaps_another(track)) t.reference.capture(in, t.transform, scratch);
}

void tracker::lose(std::size_t track) {
  tracks_[track].lost = true;
  tracks_[track].hidden = overlaps_another(track);
}

bool tracker::doubt(std::size_t track) {
  constexpr int max_doubts = 3;
  constexpr float min_score = 0.7F;
  vision::track& t = tracks_[track];
  t.settled = t.match_score >= min_score && ++t.doubts <= max_doubts && !has_moved(track);
  if (!t.settled) lose(track);
  return t.lost;
}

bool tracker::has_moved(std::size_t track) const {
  constexpr float min_overlap = 0.5F;
  return iou(tracks_[track].position.box, tracks_[track].confirmed) < min_overlap;
}

/// Whether the box of a visible face overlaps that of another one; its template would then show both.
bool tracker::overlaps_another(std::size_t track) const {
  constexpr float max_iou = 0.02F;
  for (std::size_t other = 0; other < tracks_.size(); ++other)
    if (other != track && !tracks_[other].lost &&
        iou(tracks_[other].position.box, tracks_[track].position.box) > max_iou)
      return true;
  return false;
}

bool tracker::track_frame(const image& in, time_point now, face_template::scratch& scratch) {
  bool all_found = true;
  for (track& t : tracks_) {
    if (t.lost || track_face(t, in, now, scratch)) continue;
    all_found = false;
    // After a pause longer than the lifetime, update() would erase a lost track, but searches for a visible
    // one.
    if (now - t.last_seen <= lifetime_) lose(static_cast<std::size_t>(&t - tracks_.data()));
  }
  return all_found;
}

bool tracker::track_face(track& t, const image& in, time_point now, face_template::scratch& scratch) {
  auto best = t.reference.align(in, t.transform.shifted(predicted_offset(t, now)), scratch);
  const auto consider = [&](const face_template::match& other) {
    if (other.score > best.score) best = other;
  };
  if (best.score < confident_match_score) consider(t.reference.align(in, t.transform, scratch));
  if (best.score < min_match_score) consider(t.reference.search(in, t.transform, scratch));

  // A match that shrank or grew by more than this since the last frame is not the face.
  constexpr float min_growth = 0.6F;
  constexpr float max_growth = 1.6F;
  const float growth = best.transform.scale() / t.transform.scale();
  const point middle = best.transform({face_template::side / 2.0F, face_template::side / 2.0F});
  // The template of a face that is half covered or has turned matches other things, too.
  constexpr float max_uncertain_move = 0.75F;  // of the width
  const point from = t.position.box.centre();
  const point to = moved_box(t, best.transform).centre();
  const bool is_certain = best.score >= stable_match_score || std::hypot(to.x - from.x, to.y - from.y) <=
                                                                  max_uncertain_move * t.position.box.width;
  const bool found = best.score >= min_match_score && is_certain && growth >= min_growth &&
                     growth <= max_growth && is_inside(middle, in);
  t.match_score = best.score;
  if (found) move(t, best.transform, now);
  return found;
}

/// Adds candidates for the visible tracks: detections that overlap the last or the predicted box.
void tracker::match_by_iou(const image& in, std::span<const found_face> detections, time_point now,
                           face_template::scratch& scratch) {
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    if (tracks_[t].lost || tracks_[t].settled) continue;
    const rect& last = tracks_[t].position.box;
    const rect predicted = shifted(last, predicted_offset(tracks_[t], now));
    for (std::size_t d = 0; d < detections.size(); ++d) {
      const float best = std::max(iou(last, detections[d].box), iou(predicted, detections[d].box));
      if (best >= min_iou) candidates_.push_back({1 + best, t, d});
    }
  }
  disambiguate(in, detections, scratch);
}

/// Adds the match score to candidates that compete for a track or a detection, as when two faces cross.
void tracker::disambiguate(const image& in, std::span<const found_face> detections,
                           face_template::scratch& scratch) {
  const auto competing = [&](const candidate& c) {
    return std::ranges::count_if(candidates_, [&](const candidate& other) {
      return other.track == c.track || other.detection == c.detection;
    });
  };
  for (candidate& c : candidates_) {
    if (competing(c) > 1)
      c.score +=
          tracks_[c.track].reference.align(in, template_transform(detections[c.detection]), scratch).score;
  }
}

/// Adds candidates for the lost tracks: detections within a distance that grows with the time since the face
/// was last seen, if they match the template or, for a short time, overlap the predicted box.
void tracker::match_lost(const image& in, std::span<const found_face> detections, time_point now,
                         face_template::scratch& scratch) {
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const track& known = tracks_[t];
    if (!known.lost) continue;
    const rect box = shifted(known.position.box, predicted_offset(known, now));
    const point from = box.centre();
    const float absence = seconds(now - known.last_seen);
    for (std::size_t d = 0; d < detections.size(); ++d) {
      const float side = std::max(detections[d].box.width, box.width);
      const point to = detections[d].box.centre();
      const float distance = std::hypot(to.x - from.x, to.y - from.y) / std::max(side, 1.0F);
      const float max_distance = 1 + 3 * absence;  // in sides of the face
      // A face that was lost because it turned or changed has not moved, but may not match its template,
      // which may have drifted off before it was lost; nor does one that appears from behind another.
      const float overlap = std::max(iou(box, detections[d].box), iou(known.confirmed, detections[d].box));
      const bool stayed =
          known.hidden ? absence < 1 && distance < 1.5F : absence < 0.5F && overlap >= min_iou;
      if (!stayed && distance > max_distance) continue;
      const float score = known.reference.align(in, template_transform(detections[d]), scratch).score;
      if (stayed || score >= min_match_score)
        candidates_.push_back({score - std::min(distance / max_distance, 1.0F) / 4, t, d});
    }
  }
}

/// Assigns detections to tracks, the candidates with the highest scores first.
void tracker::assign(const image& in, std::span<const found_face> detections, time_point now,
                     face_template::scratch& scratch) {
  std::ranges::sort(candidates_, std::ranges::greater{}, &candidate::score);
  for (const candidate& c : candidates_) {
    if (track_matched_[c.track] || detection_matched_[c.detection]) continue;
    track_matched_[c.track] = detection_matched_[c.detection] = true;
    track& t = tracks_[c.track];
    set_position(t, detections[c.detection], now);
    if (!overlaps_another(c.track)) t.reference.capture(in, t.transform, scratch);
  }
  candidates_.clear();
}

void tracker::set_position(track& t, const found_face& d, time_point now) {
  // A single look may see little of a small face.
  constexpr float newest_weight = 0.5F;
  const float confidence =
      t.id == 0 ? d.confidence : std::lerp(t.position.confidence, d.confidence, newest_weight);
  if (t.lost)
    t.velocity = {};  // unknown after an absence
  else if (t.id != 0)
    update_velocity(t, d.box.centre(), now);
  t.position = d;
  t.position.confidence = confidence;
  t.confirmed = d.box;
  t.doubts = 0;
  t.best_confidence = std::max(t.best_confidence, confidence);
  t.transform = template_transform(d);
  t.match_score = 1;
  t.last_seen = now;
  t.lost = t.hidden = false;
}

std::span<const std::size_t> tracker::update(const image& in, std::span<const found_face> detections,
                                             time_point now, face_template::scratch& scratch) {
  std::erase_if(tracks_, [&](const track& t) {
    return now - t.last_seen > (t.lost ? lifetime_ : std::max(lifetime_, max_pause));
  });
  for (track& t : tracks_)
    if (!t.settled && now - t.last_seen > lifetime_)
      t.lost = true;  // position alone no longer identifies a person
  track_matched_.assign(tracks_.size(), false);
  detection_matched_.assign(detections.size(), false);

  match_by_iou(in, detections, now, scratch);
  assign(in, detections, now, scratch);
  for (std::size_t t = 0; t < tracks_.size(); ++t)
    if (!track_matched_[t] && !tracks_[t].settled && !tracks_[t].lost) lose(t);
  match_lost(in, detections, now, scratch);
  assign(in, detections, now, scratch);

  for (track& t : tracks_) t.settled = false;
  unmatched_.clear();
  for (std::size_t d = 0; d < detections.size(); ++d)
    if (!detection_matched_[d]) unmatched_.push_back(d);
  return unmatched_;
}

void tracker::add(const image& in, const found_face& d, time_point now, face_template::scratch& scratch) {
  track& t = tracks_.emplace_back();
  set_position(t, d, now);
  t.reference.capture(in, t.transform, scratch);
  t.id = next_id_++;
}

}  // namespace emostream::vision
