#include "vision/stream.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "vision/engine.hpp"
#include "vision/stopwatch.hpp"

namespace emostream::vision {

namespace {

/// A face in view goes on with so much less confidence than a new one needs, so that it does not flicker.
constexpr float confidence_margin = 0.15F;

/// After a face was lost it is looked for so often: it may come back any moment.
constexpr int detect_every_after_loss = 2;

/// And so often while one is not much like its picture any more, since it turns or speaks.
constexpr int detect_every_in_change = 3;

/// Of a detection (ADR 21).
constexpr std::size_t second_looks = 8;

float least_confidence(const frame_options& options) {
  return std::max(options.min_confidence - confidence_margin, std::min(options.min_confidence, 0.05F));
}

/// Correlation of two crops, -1..1: light and contrast make no difference.
float likeness(std::span<const float> a, std::span<const float> b) {
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

face face_at(const face_place& place) {
  face f;
  static_cast<face_place&>(f) = place;
  if (place.landmarks) f.pose = estimate_pose(*place.landmarks);
  return f;
}

void keep_largest(std::vector<face>& faces, int most) {
  std::ranges::sort(faces, [](const face& a, const face& b) {
    return a.box.area() != b.box.area() ? a.box.area() > b.box.area() : a.box.x < b.box.x;
  });
  if (most > 0 && faces.size() > static_cast<std::size_t>(most)) faces.resize(static_cast<std::size_t>(most));
}

stream::stream(std::shared_ptr<const engine> models, const stream_options& options)
    : engine_(std::move(models)), options_(options), tracker_(options.id_lifetime) {
  options_.detect_every = std::max(options_.detect_every, 1);
}

bool stream::is_detection_due(const frame_options& options, time_point received) const {
  if (since_detection_ < 0) return true;
  const int share = tracker_.has_faces() ? 1 : 2;  // without a face, one that comes is what there is to see
  int every = std::max(options_.detect_every / share, 1);
  if (tracker_.is_changing()) every = std::min(every, detect_every_in_change);
  if (tracker_.has_lost()) every = std::min(every, detect_every_after_loss);
  if (since_detection_ + 1 >= every) return true;
  // Where others wait, frames are few and far between: by the clock, each would be searched.
  return !options.others_wait && received - detected_ >= options_.detect_after / share;
}

std::error_code stream::analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                                time_point received, analysis& into) {
  const auto work = engine_->workspaces.take();
  if (const auto error = find_faces(encoded, options, received, into, *work)) return error;
  stopwatch watch;
  if (const auto error = engine_->cut_out(encoded, into.faces, *work)) return error;
  reuse_answers(into.faces, received, *work);
  engine_->classify(into.faces, *work);
  keep_answers(into.faces, received, *work);
  into.times.classify = watch.lap();
  return {};
}

/// Decodes no more than what is needed to follow the faces; where that fails, or it is time, all of it to
/// look for them.
std::error_code stream::find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                                   time_point received, analysis& into, workspace& work) {
  bool detecting = is_detection_due(options, received);
  stopwatch watch;
  if (const auto error = decode(encoded, detecting, into, work)) return error;
  into.times = {.decode = watch.lap()};
  if (!detecting && !tracker_.follow(work.picture, received, work.following)) {
    into.times.detect = watch.lap();
    detecting = true;
    if (const auto error = decode(encoded, detecting, into, work)) return error;
    into.times.decode += watch.lap();
  }
  if (detecting)
    detect(options, received, work);
  else
    ++since_detection_;
  report(options, into);
  reduction_ = engine_->crop_reduction(into.faces);
  into.times.detect += watch.lap();
  return {};
}

std::error_code stream::decode(std::span<const std::uint8_t> encoded, bool detecting, analysis& into,
                               workspace& work) const {
  const bool colour = engine_->expressions.format().channels != colours::gray;
  const decoding need = detecting ? engine_->detection_needs(reduction_)
                                  : decoding{.colour = colour, .max_reduction = reduction_};
  const auto size = vision::decode(encoded, engine_->options.limits, need, work.picture);
  if (!size) return size.error();
  into.width = size->width;
  into.height = size->height;
  return {};
}

void stream::detect(const frame_options& options, time_point received, workspace& work) {
  engine_->detect(work.picture, least_confidence(options), work);
  const auto strangers = tracker_.correct(work.picture, work.found, received, work.following);
  welcome(strangers, options, received, work);
  const bool first = since_detection_ < 0;
  const int ahead =
      first ? static_cast<int>(options_.head_start % static_cast<unsigned>(options_.detect_every)) : 0;
  since_detection_ = ahead;
  detected_ = received - options_.detect_after * ahead / options_.detect_every;
}

/// Lets in those of the detections, the most confident first, that are faces. Of many not all are looked at
/// in one frame, but in turns: what is none is found again each time.
void stream::welcome(std::span<const std::size_t> strangers, const frame_options& options,
                     time_point received, workspace& work) {
  const auto is_confident = [&](std::size_t i) { return work.found[i].confidence >= options.min_confidence; };
  strangers = strangers.first(static_cast<std::size_t>(std::ranges::count_if(strangers, is_confident)));
  const bool all = !engine_->near_faces || strangers.size() <= second_looks;
  const std::size_t first = all ? 0 : next_look_ % strangers.size();
  const std::size_t looks = all ? strangers.size() : second_looks;
  for (std::size_t k = 0; k < looks; ++k) {
    const detection& d = work.found[strangers[(first + k) % strangers.size()]];
    if (engine_->is_face(work.picture, d, work)) tracker_.welcome(work.picture, d, received, work.following);
  }
  next_look_ = first + looks;
}

void stream::report(const frame_options& options, analysis& into) const {
  into.faces.clear();
  for (const track& t : tracker_.tracks()) {
    if (t.lost || t.place.confidence < least_confidence(options) ||
        t.best_confidence < options.min_confidence)
      continue;
    into.faces.push_back(face_at(t.place));
    into.faces.back().id = t.id;
  }
  keep_largest(into.faces, options.max_faces);
}

void stream::reuse_answers(std::span<face> faces, time_point received, workspace& work) {
  engine::want_all(work);
  if (options_.reuse_for.count() == 0) return;
  // Alike enough that what the network says differs by less than its noise: see the stream's test.
  constexpr float the_same = 0.995F;
  std::erase_if(work.unknown, [&](std::size_t i) {
    face& f = faces[i];
    const auto known = std::ranges::find(answers_, f.id, &answer::id);
    if (known == answers_.end() || received - known->given > options_.reuse_for ||
        likeness(engine_->crop(work, i), known->crop) < the_same)
      return false;
    f.reading = known->reading;
    return true;
  });
}

void stream::keep_answers(std::span<const face> faces, time_point received, const workspace& work) {
  if (options_.reuse_for.count() == 0) return;
  std::erase_if(answers_, [&](const answer& a) { return std::ranges::count(faces, a.id, &face::id) == 0; });
  for (std::size_t k = 0; k < work.unknown.size(); ++k) {
    const face& f = faces[work.unknown[k]];
    auto known = std::ranges::find(answers_, f.id, &answer::id);
    if (known == answers_.end()) known = answers_.emplace(answers_.end());
    known->id = f.id;
    known->given = received;
    const auto crop = engine_->crop(work, k);
    known->crop.assign(crop.begin(), crop.end());
    known->reading = *f.reading;
  }
}

}  // namespace emostream::vision
