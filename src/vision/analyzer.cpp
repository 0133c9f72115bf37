#include "vision/analyzer.hpp"

#include <algorithm>
#include <utility>

#include "vision/engine.hpp"
#include "vision/eye_tracker.hpp"
#include "vision/stopwatch.hpp"
#include "vision/stream.hpp"

namespace emostream::vision {

namespace {

result<analysis> analyze_image(const engine& models, std::span<const std::uint8_t> encoded,
                               const frame_options& options, workspace& work) {
  analysis output;
  stopwatch watch;
  decode_options how = models.decode_options_for_detection(engine::max_reduction);
  how.upright = options.upright;
  const auto size = models.decode_frame(encoded, models.options.limits, how, work);
  if (!size) return std::unexpected(size.error());
  output.width = size->width;
  output.height = size->height;
  output.times.decode = watch.lap();

  models.search(work);
  for (const found_face& d : work.detections)
    if (d.confidence >= options.min_confidence) output.faces.push_back(models.make_face(d));
  keep_largest(output.faces, options.max_faces);
  output.times.detect = watch.lap();

  models.crop_faces(output.faces, output.faces.size(), work);
  engine::select_all(work);
  models.classify(output.faces, work);
  if (options.eyes) find_eyes(output.faces, models, work);
  output.times.classify = watch.lap();
  return output;
}

}  // namespace

analyzer::analyzer(analyzer_options options) : engine_(std::make_shared<const engine>(std::move(options))) {}

result<analysis> analyzer::analyze(std::span<const std::uint8_t> encoded,
                                   const frame_options& options) const {
  const auto work = engine_->workspaces.take();
  auto output = analyze_image(*engine_, encoded, options, *work);
  work->release_images_above(engine_->options.frame_limits.max_pixels);
  return output;
}

result<analysis> analyzer::analyze_crop(std::span<const std::uint8_t> encoded) const {
  const auto work = engine_->workspaces.take();
  analysis output;
  stopwatch watch;
  auto limits = engine_->options.limits;
  limits.min_side = 1;
  const auto size = decode(encoded, limits, {}, work->frame);
  if (!size) return std::unexpected(size.error());
  output.width = size->width;
  output.height = size->height;
  output.times.decode = watch.lap();

  face& f = output.faces.emplace_back();
  f.confidence = 1;
  f.box = {0, 0, static_cast<float>(output.width), static_cast<float>(output.height)};
  engine_->crop_whole_frame(f, *work);
  engine::select_all(*work);
  engine_->classify(output.faces, *work);
  output.times.classify = watch.lap();
  work->release_images_above(engine_->options.frame_limits.max_pixels);
  return output;
}

stream analyzer::open_stream(const stream_options& options) const {
  return {engine_, options};
}

const std::vector<std::string>& analyzer::labels() const {
  return engine_->classifier.labels();
}
const std::string& analyzer::detector_name() const {
  return engine_->detector->name();
}
const std::string& analyzer::classifier_name() const {
  return engine_->classifier.name();
}

}  // namespace emostream::vision
