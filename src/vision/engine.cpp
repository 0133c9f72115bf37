#include "vision/engine.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <variant>

namespace emostream::vision {

namespace {

/// The eyes of faces seen from the front are 0.42 of BlazeFace's box apart, in the median of 2,650 faces of
/// FER+. With this bound a few percent more of the faces of its validation set that are turned by 30° and
/// more are classified right.
constexpr float min_eye_distance = 0.38F;

/// A side of the crop for which the limits of assess_quality() were measured.
constexpr int quality_size = 48;

/// Pixels of the picture that one pixel of a network's input is made of, at least. FER+'s valid faces in
/// JPEGs of 1280×720, 130 and 200 pixels wide, are answered right in 74.4 and 80.9 %; with two pixels for the
/// classifier there is no difference (99.7 % the same answers), for the detector it is 71.5 and 81.3 %.
constexpr float oversampling = 1.25F;

/// A point within the box, given as fractions of its sides.
point place_in(const rect& box, point fractions) {
  return {box.x + fractions.x * box.width, box.y + fractions.y * box.height};
}

}  // namespace

engine::engine(analyzer_options o)
    : options(std::move(o)),
      faces(load_detector(options.detector_model)),
      near_faces(options.second_look_model.empty() ? nullptr : load_detector(options.second_look_model)),
      expressions(options.classifier_model) {}

decoding engine::detection_needs(int max_reduction) const {
  const auto side = static_cast<float>(std::max(faces->format().width, faces->format().height));
  return {
      .colour = true, .max_reduction = max_reduction, .least_side = static_cast<int>(oversampling * side)};
}

int engine::crop_reduction(std::span<const face> all) const {
  constexpr int most = 8;
  int reduction = most;
  for (const face& f : all.first(measured(all.size())))
    reduction = std::min(reduction, std::max(1, static_cast<int>(frame_of(f).scale() / oversampling)));
  return reduction;
}

void engine::detect(const image& in, float min_confidence, workspace& work) const {
  faces->detect(in, min_confidence, work.detecting, work.found);
}

bool engine::is_face(const image& in, const detection& d, workspace& work) const {
  if (!near_faces) return true;
  // Seen so, the faces of four photographs have 0.73 to 0.96, and the letters of a title that the first look
  // holds for faces, at 0.4 to 0.8, have up to 0.68.
  constexpr float margin = 0.5F;
  constexpr float least = 0.7F;
  const input_format& input = near_faces->format();
  const int side = std::max(input.width, input.height);
  const auto values = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
  const input_format plain{.width = side, .height = side, .channels = colours::rgb, .layout = axes::nhwc};
  work.near_pixels.resize(values);
  cut(in, frame_box(d.box, margin, side), plain, work.near_pixels, work.cutting);
  work.near.width = work.near.height = side;
  work.near.pixels.resize(values);
  std::ranges::transform(work.near_pixels, work.near.pixels.begin(),
                         [](float v) { return static_cast<std::uint8_t>(std::clamp(v, 0.0F, 255.0F)); });
  near_faces->detect(work.near, least, work.second_look, work.near_found);
  const float inner = static_cast<float>(side) / (1 + 2 * margin);
  const rect place{inner * margin, inner * margin, inner, inner};
  return std::ranges::any_of(work.near_found,
                             [&](const detection& near) { return overlap(near.box, place) > 0.3F; });
}

/// Where the classifier's frame of a face lies in the image.
similarity engine::frame_of(const face& f) const {
  const int size = expressions.size();
  if (const auto* box = std::get_if<box_framing>(&expressions.frame()))
    return frame_box(f.box, box->margin, size);
  const auto& eyes = std::get<framing>(expressions.frame());
  if (f.landmarks)
    return align_eyes(eyes, size, (*f.landmarks)[left_eye], (*f.landmarks)[right_eye],
                      min_eye_distance * f.box.width);
  const framing& usual = faces->manifest().boxes.eyes;
  return align_eyes(eyes, size, place_in(f.box, usual.left_eye), place_in(f.box, usual.right_eye));
}

std::size_t engine::measured(std::size_t count) const {
  return std::min(count, static_cast<std::size_t>(std::max(options.max_measured, 0)));
}

std::span<const float> engine::crop(const workspace& work, std::size_t i) const {
  const std::size_t size = expressions.format().size();
  return std::span(work.crops).subspan(i * size, size);
}

/// The face in plain gray and of the size for which assess_quality() was measured, whatever the classifier
/// takes: its crop itself where that is such.
std::span<const float> engine::quality_crop(const image& from, std::size_t i, workspace& work) const {
  const input_format& format = expressions.format();
  if (format.is_plain_gray() && format.width == quality_size) return crop(work, i);
  const similarity& frame = work.frames[i];
  const float ratio = static_cast<float>(format.width) / static_cast<float>(quality_size);
  const similarity same_part{.a = frame.a * ratio, .b = frame.b * ratio, .x0 = frame.x0, .y0 = frame.y0};
  work.quality_crop.resize(static_cast<std::size_t>(quality_size) * static_cast<std::size_t>(quality_size));
  cut(from, same_part, {.width = quality_size, .height = quality_size}, work.quality_crop, work.cutting);
  return work.quality_crop;
}

void engine::cut_frames(const image& from, std::span<face> all, workspace& work) const {
  const input_format& format = expressions.format();
  work.crops.resize(work.frames.size() * format.size());
  for (std::size_t i = 0; i < work.frames.size(); ++i)
    cut(from, work.frames[i], format, std::span(work.crops).subspan(i * format.size(), format.size()),
        work.cutting);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto seen = i < work.frames.size() ? quality_crop(from, i, work) : std::span<const float>{};
    all[i].quality = assess_quality(all[i].box, all[i].pose.value_or(head_pose{}), seen, quality_size);
  }
}

std::error_code engine::cut_out(std::span<const std::uint8_t> encoded, std::span<face> all,
                                workspace& work) const {
  work.frames.clear();
  for (const face& f : all.first(measured(all.size()))) work.frames.push_back(frame_of(f));
  const image* from = &work.picture;
  if (const int reduction = crop_reduction(all); work.picture.reduction > reduction) {
    const bool gray = expressions.format().channels == colours::gray;
    const auto size =
        decode(encoded, options.limits, {.colour = !gray, .max_reduction = reduction}, work.closer);
    if (!size) return size.error();
    from = &work.closer;
  }
  cut_frames(*from, all, work);
  return {};
}

void engine::cut_whole(face& only, workspace& work) const {
  const auto width = static_cast<float>(work.picture.width);
  const auto height = static_cast<float>(work.picture.height);
  const float side = std::max(width, height);
  work.frames.assign(1, {.a = side / static_cast<float>(expressions.size()),
                         .b = 0,
                         .x0 = (width - side) / 2,
                         .y0 = (height - side) / 2});
  cut_frames(work.picture, {&only, 1}, work);
}

void engine::want_all(workspace& work) {
  work.unknown.resize(work.frames.size());
  std::iota(work.unknown.begin(), work.unknown.end(), std::size_t{0});
}

void engine::classify(std::span<face> all, workspace& work) const {
  const std::size_t size = expressions.format().size();
  const std::size_t count = work.unknown.size();
  for (std::size_t k = 0; k < count; ++k) {
    if (work.unknown[k] == k) continue;
    std::ranges::copy(crop(work, work.unknown[k]),
                      work.crops.begin() + static_cast<std::ptrdiff_t>(k * size));
  }
  expressions.classify(count, std::span(work.crops).first(count * size), work.read);
  for (std::size_t k = 0; k < count; ++k) all[work.unknown[k]].reading = std::move(work.read.faces[k]);
}

}  // namespace emostream::vision
