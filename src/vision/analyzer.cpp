#include "vision/analyzer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <variant>

#include "vision/classifier.hpp"
#include "vision/detector.hpp"

namespace emostream::vision {

namespace {

/// The eyes of faces seen from the front are 0.42 of BlazeFace's box apart, in the median of 2,650 faces of
/// FER+. With this bound a few percent more of the faces of its validation set that are turned by 30° and
/// more are classified right.
constexpr float min_eye_distance = 0.38F;

/// A side of the crop for which the limits of assess_quality() were measured.
constexpr int quality_size = 48;

/// Measures consecutive stages.
class stopwatch {
 public:
  /// Since the last lap, ms.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> passed = now - last_;
    last_ = now;
    return passed.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Poses of `detected`, the largest first.
std::vector<face> to_faces(std::span<const detection> detected, const frame_options& options) {
  std::vector<face> faces;
  for (const detection& d : detected) {
    if (d.confidence < options.min_confidence) continue;
    face& f = faces.emplace_back();
    f.confidence = d.confidence;
    f.box = d.box;
    f.landmarks = d.landmarks;
    if (d.landmarks) f.pose = estimate_pose(*d.landmarks);
  }
  std::ranges::stable_sort(faces, std::ranges::greater{}, [](const face& f) { return f.box.area(); });
  const auto most = static_cast<std::size_t>(std::max(options.max_faces, 0));
  if (most > 0 && faces.size() > most) faces.resize(most);
  return faces;
}

/// A point within the box, given as fractions of its sides.
point place_in(const rect& box, point fractions) {
  return {box.x + fractions.x * box.width, box.y + fractions.y * box.height};
}

/// Where the classifier's frame of a face lies in the image.
similarity frame_of(const face& f, const classifier& expressions, const detector& by) {
  const int size = expressions.size();
  if (const auto* box = std::get_if<box_framing>(&expressions.frame()))
    return frame_box(f.box, box->margin, size);
  const auto& eyes = std::get<framing>(expressions.frame());
  if (f.landmarks)
    return align_eyes(eyes, size, (*f.landmarks)[left_eye], (*f.landmarks)[right_eye],
                      min_eye_distance * f.box.width);
  const framing& usual = by.manifest().boxes.eyes;
  return align_eyes(eyes, size, place_in(f.box, usual.left_eye), place_in(f.box, usual.right_eye));
}

/// The whole image as a frame; the longer side fills it.
similarity frame_of(const image& whole, const classifier& expressions) {
  const auto width = static_cast<float>(whole.width);
  const auto height = static_cast<float>(whole.height);
  const float side = std::max(width, height);
  return {.a = side / static_cast<float>(expressions.size()),
          .b = 0,
          .x0 = (width - side) / 2,
          .y0 = (height - side) / 2};
}

/// The face in plain gray and of the size for which assess_quality() was measured, whatever the classifier
/// takes: `crop` itself where that is such, otherwise cut into `own`.
std::span<const float> quality_crop(const image& from, const similarity& frame, const input_format& format,
                                    std::span<const float> crop, std::vector<float>& own) {
  if (format.is_plain_gray() && format.width == quality_size) return crop;
  const float ratio = static_cast<float>(format.width) / static_cast<float>(quality_size);
  const similarity same_part{.a = frame.a * ratio, .b = frame.b * ratio, .x0 = frame.x0, .y0 = frame.y0};
  own.resize(static_cast<std::size_t>(quality_size) * static_cast<std::size_t>(quality_size));
  cut_gray(from, same_part, quality_size, own);
  return own;
}

/// Cuts the frames of the first faces out of the image and classifies them as one batch; judges the quality
/// of all faces.
void measure(const image& from, const classifier& expressions, std::span<const similarity> frames,
             std::span<face> faces) {
  const input_format& format = expressions.format();
  const std::size_t count = frames.size();
  std::vector<float> crops(count * format.size());
  const auto crop = [&](std::size_t i) { return std::span(crops).subspan(i * format.size(), format.size()); };
  for (std::size_t i = 0; i < count; ++i) cut(from, frames[i], format, crop(i));
  const readings read = expressions.classify(count, crops);
  const std::size_t labels = expressions.labels().size();
  std::vector<float> own;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    face& f = faces[i];
    f.measured = i < count;
    const auto seen =
        f.measured ? quality_crop(from, frames[i], format, crop(i), own) : std::span<const float>{};
    f.quality = assess_quality(f.box, f.pose.value_or(head_pose{}), seen, quality_size);
    if (!f.measured) continue;
    const auto row = std::span(read.probabilities).subspan(i * labels, labels);
    f.probabilities.assign(row.begin(), row.end());
    f.valence = read.affects[i].valence;
    f.arousal = read.affects[i].arousal;
  }
}

}  // namespace

struct analyzer::impl {
  analyzer_options options;
  std::unique_ptr<const detector> faces;
  classifier expressions;
};

analyzer::analyzer(analyzer_options options)
    : impl_(new impl{options, load_detector(options.detector_model), classifier(options.classifier_model)}) {}

analyzer::~analyzer() = default;

result<analysis> analyzer::analyze(std::span<const std::uint8_t> encoded,
                                   const frame_options& options) const {
  analysis done;
  stopwatch watch;
  const auto decoded = decode(encoded, impl_->options.limits);
  if (!decoded) return std::unexpected(decoded.error());
  done.width = decoded->width;
  done.height = decoded->height;
  done.times.decode = watch.lap();

  const float least = std::min(impl_->options.min_confidence, options.min_confidence);
  done.faces = to_faces(impl_->faces->detect(*decoded, least), options);
  done.times.detect = watch.lap();

  const auto most = static_cast<std::size_t>(std::max(impl_->options.max_measured, 0));
  std::vector<similarity> frames;
  for (const face& f : std::span(done.faces).first(std::min(most, done.faces.size())))
    frames.push_back(frame_of(f, impl_->expressions, *impl_->faces));
  measure(*decoded, impl_->expressions, frames, done.faces);
  done.times.classify = watch.lap();
  return done;
}

result<analysis> analyzer::analyze_crop(std::span<const std::uint8_t> encoded) const {
  analysis done;
  stopwatch watch;
  auto limits = impl_->options.limits;
  limits.min_side = 1;
  const auto decoded = decode(encoded, limits);
  if (!decoded) return std::unexpected(decoded.error());
  done.width = decoded->width;
  done.height = decoded->height;
  done.times.decode = watch.lap();

  face& f = done.faces.emplace_back();
  f.confidence = 1;
  f.box = {0, 0, static_cast<float>(done.width), static_cast<float>(done.height)};
  const std::array frames{frame_of(*decoded, impl_->expressions)};
  measure(*decoded, impl_->expressions, frames, done.faces);
  done.times.classify = watch.lap();
  return done;
}

const std::vector<std::string>& analyzer::labels() const {
  return impl_->expressions.labels();
}
const std::string& analyzer::detector_name() const {
  return impl_->faces->name();
}
const std::string& analyzer::classifier_name() const {
  return impl_->expressions.name();
}

}  // namespace emostream::vision
