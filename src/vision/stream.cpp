#include "vision/stream.hpp"

#include <algorithm>
#include <utility>

#include "vision/engine.hpp"
#include "vision/stopwatch.hpp"

namespace emostream::vision {

namespace {

/// The detection interval, in frames, while a face is lost: it may reappear at any moment.
constexpr int detect_every_while_lost = 2;

/// The detection interval, in frames, while faces overlap: templates do not tell where a hidden one is.
constexpr int detect_every_while_overlapping = 2;

/// The detection interval, in frames, while a face no longer matches its template well, as when it turns.
constexpr int detect_every_while_changing = 3;

}  // namespace

stream::stream(std::shared_ptr<const engine> models, const stream_options& options)
    : engine_(std::move(models)),
      options_(options),
      tracker_(options.id_lifetime),
      readings_(options.reuse_for),
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
  if (search_.is_unfinished() && !options.under_load) return true;
  // Under load, so few frames are analyzed that this time limit would cause a detection in every frame.
  return !options.under_load && received - last_detection_ >= options_.detect_after / divisor;
}

/// If a detection is due, every second one may be a check.
stream::effort stream::choose_effort(const frame_options& options, time_point received) const {
  if (!is_detection_due(options, received)) return effort::track;
  const bool may_check = options_.detect_every > 1 && !was_checked_ && !tracker_.has_overlapping() &&
                         search_.can_check(tracker_, longer_side_, *engine_);
  return may_check ? effort::check : effort::search;
}

std::error_code stream::analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                                time_point received, analysis& into) {
  const auto work = engine_->workspaces.take();
  if (const auto error = find_faces(encoded, options, received, into, *work)) return error;
  stopwatch watch;
  const auto most = static_cast<std::size_t>(std::max(engine_->options.max_classified, 0));
  const std::size_t count = readings_.choose(into.faces, most);
  engine_->crop_faces(into.faces, count, *work);
  readings_.reuse(into.faces, received, *engine_, *work);
  engine_->classify(into.faces, *work);
  readings_.update(into.faces, count, received, *engine_, *work);
  readings_.recall(std::span(into.faces).subspan(count));
  keep_largest(into.faces, 0);
  if (options.eyes) eyes_.update(into.faces, tracker_.tracks(), received, *engine_, *work);
  into.times.classify = watch.lap();
  return {};
}

/// Decodes as much as is needed, follows the known faces and, if it is due, looks for others. A frame in
/// which a face was lost, or in which a check does not suffice, is searched.
std::error_code stream::find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                                   time_point received, analysis& into, workspace& work) {
  effort needed = choose_effort(options, received);
  stopwatch watch;
  if (const auto error = decode_frame(encoded, options, needed, into, work)) return error;
  into.times = {.decode = watch.lap()};
  bool is_enough = tracker_.track_frame(work.frame, received, work.tracking_scratch);
  if (is_enough && needed == effort::check)
    is_enough = search_.check(options, received, *engine_, tracker_, work);
  if (!is_enough && needed != effort::search) {
    needed = effort::search;
    into.times.detect = watch.lap();
    if (!work.frame.is_full()) {
      if (const auto error = decode_frame(encoded, options, needed, into, work)) return error;
      into.times.decode += watch.lap();
    }
  }
  if (needed == effort::search) search_.search(options, received, *engine_, tracker_, work);
  detection_done(needed, received);
  report(options, into);
  longer_side_ = std::max(into.width, into.height);
  reduction_ = engine_->crop_reduction(into.faces);
  if (options.eyes) reduction_ = std::min(reduction_, eye_reduction(into.faces));
  into.times.detect += watch.lap();
  return {};
}

std::error_code stream::decode_frame(std::span<const std::uint8_t> encoded, const frame_options& options,
                                     effort for_effort, analysis& into, workspace& work) const {
  // In gray, fewer blinks are seen.
  const bool colour = options.eyes || engine_->classifier.format().channels != channel_order::gray;
  decode_options how{.colour = colour, .max_reduction = reduction_};
  if (for_effort == effort::check) how = engine_->decode_options_for_check(reduction_, tracker_.tracks());
  if (for_effort == effort::search) how = engine_->decode_options_for_detection(reduction_);
  how.upright = options.upright;
  const auto size = engine_->decode_frame(encoded, engine_->options.frame_limits, how, work);
  if (!size) return size.error();
  into.width = size->width;
  into.height = size->height;
  return {};
}

void stream::detection_done(effort made, time_point received) {
  if (made == effort::track) {
    ++frames_since_detection_;
    return;
  }
  // After the first search, apply the phase offset as if some frames had already passed.
  const bool first = frames_since_detection_ < 0;
  const int phase =
      first ? static_cast<int>(options_.detection_phase % static_cast<unsigned>(options_.detect_every)) : 0;
  frames_since_detection_ = phase;
  last_detection_ = received - options_.detect_after * phase / options_.detect_every;
  was_checked_ = made == effort::check;
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

}  // namespace emostream::vision
