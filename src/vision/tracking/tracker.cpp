#include "vision/tracking/tracker.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace emostream::vision {

namespace {

/// Two pictures of one face some frames apart are more alike than this, those of two faces in the same frame
/// mostly less.
constexpr float least_likeness = 0.6F;
/// Below this a face has changed since it was learnt.
constexpr float steady_likeness = 0.8F;
/// Above this nothing better is looked for.
constexpr float sure_likeness = 0.85F;
/// Boxes of one face in consecutive frames overlap more than this.
constexpr float least_overlap = 0.3F;
/// A sender that was silent for longer starts anew.
constexpr milliseconds longest_pause{5000};

/// Where the picture of a face is taken: the eyes a third down, as far apart as they are in BlazeFace's
/// boxes.
similarity frame_of(const face_place& place) {
  constexpr framing eyes{{0.3F, 0.36F}, {0.7F, 0.36F}};
  constexpr float min_eye_distance = 0.38F;
  if (!place.landmarks) return frame_box(place.box, 0, appearance::side);
  return align_eyes(eyes, appearance::side, (*place.landmarks)[left_eye], (*place.landmarks)[right_eye],
                    min_eye_distance * place.box.width);
}

point centre(const rect& box) {
  return {box.x + box.width / 2, box.y + box.height / 2};
}

float seconds(steady_clock::duration d) {
  return std::chrono::duration<float>(d).count();
}

/// Where a face that kept its speed would be after some time: not for long, since nobody does.
point drift(const track& t, time_point now) {
  constexpr float longest = 0.3F;  // s
  const float passed = std::min(seconds(now - t.seen), longest);
  return {t.speed.x * passed, t.speed.y * passed};
}

/// The speed of a face in view whose middle is now there.
void heed_motion(track& t, point to, time_point now) {
  constexpr float newest = 0.5F;
  constexpr float shortest = 0.03F;  // s; frames that arrive together were not taken together
  if (now <= t.seen) return;         // the same frame
  const float passed = std::max(seconds(now - t.seen), shortest);
  const point from = centre(t.place.box);
  t.speed.x += newest * ((to.x - from.x) / passed - t.speed.x);
  t.speed.y += newest * ((to.y - from.y) / passed - t.speed.y);
}

rect shifted(const rect& box, point by) {
  return {box.x + by.x, box.y + by.y, box.width, box.height};
}

/// Whether the middle of a face is in the image.
bool is_inside(point p, const image& in) {
  const auto reduction = static_cast<float>(in.reduction);
  return p.x >= 0 && p.y >= 0 && p.x < static_cast<float>(in.width) * reduction &&
         p.y < static_cast<float>(in.height) * reduction;
}

/// The way back: from the image to the pixels of the frame.
point undo(const similarity& s, point p) {
  const float norm = s.a * s.a + s.b * s.b;
  const point q{p.x - s.x0, p.y - s.y0};
  return {(s.a * q.x + s.b * q.y) / norm, (s.a * q.y - s.b * q.x) / norm};
}

}  // namespace

bool tracker::has_faces() const {
  return !std::ranges::all_of(tracks_, &track::lost);
}

bool tracker::has_lost() const {
  return std::ranges::any_of(tracks_, &track::lost);
}

bool tracker::is_changing() const {
  return std::ranges::any_of(tracks_, [](const track& t) { return !t.lost && t.likeness < steady_likeness; });
}

void tracker::move(track& t, const similarity& to, time_point now) {
  const auto moved = [&](point p) { return to(undo(t.frame, p)); };
  const float scale = to.scale() / t.frame.scale();
  const point at = moved(centre(t.place.box));
  heed_motion(t, at, now);
  const float width = t.place.box.width * scale;
  const float height = t.place.box.height * scale;
  t.place.box = {at.x - width / 2, at.y - height / 2, width, height};
  if (t.place.landmarks)
    for (point& p : *t.place.landmarks) p = moved(p);
  t.frame = to;
  t.seen = now;
}

bool tracker::follow(const image& in, time_point now, appearance::room& work) {
  bool all = true;
  for (track& t : tracks_) {
    if (t.lost || follow(t, in, now, work)) continue;
    all = false;
    // After so long it may be anywhere: then whether it is lost is correct()'s to say.
    t.lost = now - t.seen <= lifetime_;
  }
  return all;
}

bool tracker::follow(track& t, const image& in, time_point now, appearance::room& work) {
  similarity ahead = t.frame;
  const point by = drift(t, now);
  ahead.x0 += by.x;
  ahead.y0 += by.y;
  auto best = t.look.follow(in, ahead, work);
  const auto better = [&](const appearance::match& other) {
    if (other.likeness > best.likeness) best = other;
  };
  if (best.likeness < sure_likeness) better(t.look.follow(in, t.frame, work));
  if (best.likeness < least_likeness) better(t.look.search(in, t.frame, work));

  // A face does not become half or twice as large between two frames: what does is something else.
  const float growth = best.frame.scale() / t.frame.scale();
  const point middle = best.frame({appearance::side / 2.0F, appearance::side / 2.0F});
  const bool found =
      best.likeness >= least_likeness && growth >= 0.6F && growth <= 1.6F && is_inside(middle, in);
  t.likeness = best.likeness;
  if (found) move(t, best.frame, now);
  return found;
}

/// Pairs of faces in view and faces found that overlap.
void tracker::pair_up(const image& in, std::span<const detection> found, time_point now,
                      appearance::room& work) {
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    if (tracks_[t].lost) continue;
    const rect& before = tracks_[t].place.box;
    const rect ahead = shifted(before, drift(tracks_[t], now));
    for (std::size_t f = 0; f < found.size(); ++f) {
      const float o = std::max(overlap(before, found[f].box), overlap(ahead, found[f].box));
      if (o >= least_overlap) pairs_.push_back({1 + o, t, f});
    }
  }
  compare_rivals(in, found, work);
}

/// Where two faces meet, it is their looks that tell who is who.
void tracker::compare_rivals(const image& in, std::span<const detection> found, appearance::room& work) {
  const auto rivals = [&](const pair& p) {
    return std::ranges::count_if(pairs_,
                                 [&](const pair& q) { return q.track == p.track || q.found == p.found; });
  };
  for (pair& p : pairs_)
    if (rivals(p) > 1) p.score += tracks_[p.track].look.follow(in, frame_of(found[p.found]), work).likeness;
}

/// Pairs of lost faces and faces found that look like them: near where it was lost at first, farther as time
/// goes by.
void tracker::pair_lost(const image& in, std::span<const detection> found, time_point now,
                        appearance::room& work) {
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const track& known = tracks_[t];
    if (!known.lost) continue;
    const rect box = shifted(known.place.box, drift(known, now));
    const point from = centre(box);
    const float gone = seconds(now - known.seen);
    for (std::size_t f = 0; f < found.size(); ++f) {
      const float sides = std::max(found[f].box.width, box.width);
      const point to = centre(found[f].box);
      const float distance = std::hypot(to.x - from.x, to.y - from.y) / std::max(sides, 1.0F);
      const float reach = 1 + 3 * gone;  // sides of the face
      if (distance > reach) continue;
      const float likeness = known.look.follow(in, frame_of(found[f]), work).likeness;
      // What turned or changed so that it was lost is still where it was.
      const bool stayed = gone < 0.5F && overlap(box, found[f].box) >= least_overlap;
      if (stayed || likeness >= least_likeness) pairs_.push_back({likeness - distance / reach / 4, t, f});
    }
  }
}

void tracker::take(track& t, const detection& d, time_point now) {
  if (t.lost)
    t.speed = {};  // nobody saw where it went
  else if (t.id != 0)
    heed_motion(t, centre(d.box), now);
  t.place = d;
  t.best_confidence = std::max(t.best_confidence, d.confidence);
  t.frame = frame_of(d);
  t.likeness = 1;
  t.seen = now;
  t.lost = false;
}

std::span<const std::size_t> tracker::correct(const image& in, std::span<const detection> found,
                                              time_point now, appearance::room& work) {
  std::erase_if(tracks_, [&](const track& t) {
    return now - t.seen > (t.lost ? lifetime_ : std::max(lifetime_, longest_pause));
  });
  for (track& t : tracks_)
    if (now - t.seen > lifetime_) t.lost = true;  // where somebody is after so long says little of who it is
  track_taken_.assign(tracks_.size(), false);
  found_taken_.assign(found.size(), false);
  const auto stands_free = [&](std::size_t f) {
    return std::ranges::count_if(found,
                                 [&](const detection& d) { return overlap(d.box, found[f].box) > 0; }) <= 1;
  };
  const auto match = [&] {
    std::ranges::sort(pairs_, std::ranges::greater{}, &pair::score);
    for (const pair& p : pairs_) {
      if (track_taken_[p.track] || found_taken_[p.found]) continue;
      track_taken_[p.track] = found_taken_[p.found] = true;
      take(tracks_[p.track], found[p.found], now);
      // The look of a face that another one covers would be that of both.
      if (stands_free(p.found)) tracks_[p.track].look.learn(in, tracks_[p.track].frame, work);
    }
    pairs_.clear();
  };
  pair_up(in, found, now, work);
  match();
  for (std::size_t t = 0; t < track_taken_.size(); ++t)
    if (!track_taken_[t]) tracks_[t].lost = true;
  pair_lost(in, found, now, work);
  match();
  strangers_.clear();
  for (std::size_t f = 0; f < found.size(); ++f)
    if (!found_taken_[f]) strangers_.push_back(f);
  return strangers_;
}

void tracker::welcome(const image& in, const detection& d, time_point now, appearance::room& work) {
  track& t = tracks_.emplace_back();
  take(t, d, now);
  t.look.learn(in, t.frame, work);
  t.id = next_id_++;
}

}  // namespace emostream::vision
