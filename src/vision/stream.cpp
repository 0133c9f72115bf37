#include "vision/stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vision/engine.hpp"
#include "vision/stopwatch.hpp"

namespace emostream::vision {

namespace {

/// A tracked face may have this much less confidence than a new face needs, so that it does not flicker.
constexpr float confidence_hysteresis = 0.15F;

/// The detection interval, in frames, while a face is lost: it may reappear at any moment.
constexpr int detect_every_while_lost = 2;

/// The detection interval, in frames, while a face no longer matches its template well, as when it turns.
constexpr int detect_every_while_changing = 3;

/// The maximum number of verifications per detection run (ADR 21).
constexpr std::size_t max_verifications = 8;

/// A reading is reused if the correlation of the crops is at least this. In stream_test.cpp, the
/// probabilities of such crops differ by less than 0.05.
constexpr float unchanged_correlation = 0.995F;

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
  const int divisor = tracker_.has_visible() ? 1 : 2;  // detect twice as often while no face is visible
  int every = std::max(options_.detect_every / divisor, 1);
  if (tracker_.has_changing()) every = std::min(every, detect_every_while_changing);
  if (tracker_.has_lost()) every = std::min(every, detect_every_while_lost);
  if (frames_since_detection_ + 1 >= every) return true;
  // Under load, so few frames are analyzed that this time limit would cause a detection in every frame.
  return !options.under_load && received - last_detection_ >= options_.detect_after / divisor;
}

std::error_code stream::analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                                time_point received, analysis& into) {
  const auto work = engine_->workspaces.take();
  if (const auto error = find_faces(encoded, options, received, into, *work)) return error;
  stopwatch watch;
  if (const auto error = engine_->crop_faces(encoded, into.faces, *work)) return error;
  reuse_readings(into.faces, received, *work);
  engine_->classify(into.faces, *work);
  cache_readings(into.faces, received, *work);
  into.times.classify = watch.lap();
  return {};
}

/// If a detection is due, decodes what detection needs, and detects. Otherwise decodes what tracking needs,
/// and tracks; if that fails, detects after all.
std::error_code stream::find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                                   time_point received, analysis& into, workspace& work) {
  bool detecting = is_detection_due(options, received);
  stopwatch watch;
  if (const auto error = decode_frame(encoded, detecting, into, work)) return error;
  into.times = {.decode = watch.lap()};
  if (!detecting && !tracker_.track_frame(work.frame, received, work.tracking_scratch)) {
    into.times.detect = watch.lap();
    detecting = true;
    if (!work.frame.is_full()) {
      if (const auto error = decode_frame(encoded, detecting, into, work)) return error;
      into.times.decode += watch.lap();
    }
  }
  if (detecting)
    detect(options, received, work);
  else
    ++frames_since_detection_;
  report(options, into);
  reduction_ = engine_->crop_reduction(into.faces);
  into.times.detect += watch.lap();
  return {};
}

std::error_code stream::decode_frame(std::span<const std::uint8_t> encoded, bool for_detection,
                                     analysis& into, workspace& work) const {
  const bool colour = engine_->classifier.format().channels != channel_order::gray;
  const decode_options how = for_detection ? engine_->decode_options_for_detection(reduction_)
                                           : decode_options{.colour = colour, .max_reduction = reduction_};
  const auto size = decode(encoded, engine_->options.limits, how, work.frame);
  if (!size) return size.error();
  into.width = size->width;
  into.height = size->height;
  return {};
}

void stream::detect(const frame_options& options, time_point received, workspace& work) {
  engine_->detect(min_track_confidence(options), work);
  const auto unmatched = tracker_.update(work.frame, work.detections, received, work.tracking_scratch);
  start_tracks(unmatched, options, received, work);
  // After the first detection, apply the phase offset as if some frames had already passed.
  const bool first = frames_since_detection_ < 0;
  const int phase =
      first ? static_cast<int>(options_.detection_phase % static_cast<unsigned>(options_.detect_every)) : 0;
  frames_since_detection_ = phase;
  last_detection_ = received - options_.detect_after * phase / options_.detect_every;
}

/// Verifies the unmatched detections that are confident enough for a new face, and starts tracks for those
/// that pass. Requires that they are sorted by descending confidence. If there are more than
/// `max_verifications`, they are verified in turn over several detection runs, since rejected ones are
/// detected again in each run.
void stream::start_tracks(std::span<const std::size_t> unmatched, const frame_options& options,
                          time_point received, workspace& work) {
  const auto is_confident = [&](std::size_t i) {
    return work.detections[i].confidence >= options.min_confidence;
  };
  unmatched = unmatched.first(static_cast<std::size_t>(std::ranges::count_if(unmatched, is_confident)));
  const bool all = !engine_->verifier || unmatched.size() <= max_verifications;
  const std::size_t first = all ? 0 : next_verification_ % unmatched.size();
  const std::size_t count = all ? unmatched.size() : max_verifications;
  for (std::size_t k = 0; k < count; ++k) {
    const detection& d = work.detections[unmatched[(first + k) % unmatched.size()]];
    if (engine_->verify(d, work)) tracker_.add(work.frame, d, received, work.tracking_scratch);
  }
  next_verification_ = first + count;
}

/// Copies the visible tracks with enough confidence into the result.
void stream::report(const frame_options& options, analysis& into) const {
  into.faces.clear();
  for (const track& t : tracker_.tracks()) {
    if (t.lost || t.position.confidence < min_track_confidence(options) ||
        t.best_confidence < options.min_confidence)
      continue;
    into.faces.push_back(make_face(t.position));
    into.faces.back().id = t.id;
  }
  keep_largest(into.faces, options.max_faces);
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
    return true;
  });
}

/// Caches the new readings; classify() has moved their crops to the front.
void stream::cache_readings(std::span<const face> faces, time_point received, const workspace& work) {
  if (options_.reuse_for.count() == 0) return;
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
  }
}

}  // namespace emostream::vision
