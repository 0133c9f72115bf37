#include "vision/engine.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <variant>

namespace emostream::vision {

namespace {

/// The minimum distance between the eyes for align_eyes(), as a fraction of the width of BlazeFace's box. The
/// median of 2,650 frontal faces of FER+ is 0.42. With this minimum, a few percent more of FER+'s validation
/// faces that are turned by 30° or more are classified correctly.
constexpr float min_eye_distance = 0.38F;

/// The crop size for which the thresholds of assess_quality() were measured.
constexpr int quality_size = 48;

/// The minimum number of image pixels per pixel of a network's input, in each direction. Accuracy on FER+'s
/// validation faces, drawn into 1280×720 JPEGs: 74.4 % for faces 130 pixels wide, 80.9 % for 200 pixels. With
/// 2 instead of 1.25 for the detector: 71.5 and 81.3 %. With 2 instead of 1.25 for the classifier, 99.7 % of
/// the results do not change.
constexpr float oversampling = 1.25F;

/// A point in the box, given as fractions of its width and height.
point point_in_box(const rect& box, point fractions) {
  return {box.x + fractions.x * box.width, box.y + fractions.y * box.height};
}

}  // namespace

engine::engine(analyzer_options o)
    : options(std::move(o)),
      detector(load_detector(options.detector_model)),
      verifier(options.verifier_model.empty() ? nullptr : load_detector(options.verifier_model)),
      classifier(options.classifier_model) {}

decode_options engine::decode_options_for_detection(int max) const {
  const auto side = static_cast<float>(std::max(detector->format().width, detector->format().height));
  return {.colour = true, .max_reduction = max, .min_longer_side = static_cast<int>(oversampling * side)};
}

int engine::crop_reduction(std::span<const face> faces) const {
  int reduction = max_reduction;
  for (const face& f : faces.first(classified_count(faces.size())))
    reduction = std::min(reduction, std::max(1, static_cast<int>(crop_transform(f).scale() / oversampling)));
  return reduction;
}

void engine::detect(float min_confidence, workspace& work) const {
  detector->detect(work.frame, min_confidence, work.detector_scratch, work.detections);
}

bool engine::verify(const detection& d, workspace& work) const {
  if (!verifier) return true;
  // In close-ups with this margin, the faces of four photographs get a confidence of 0.73 to 0.96. The
  // letters of a title, which the detector reports as faces with a confidence of 0.4 to 0.8, get at most
  // 0.68.
  constexpr float margin = 0.5F;
  constexpr float min_confidence = 0.7F;
  constexpr float min_iou = 0.3F;
  const input_format& input = verifier->format();
  const int side = std::max(input.width, input.height);
  const auto values = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
  const input_format rgb{
      .width = side, .height = side, .channels = channel_order::rgb, .layout = tensor_layout::nhwc};
  work.close_up_pixels.resize(values);
  extract_crop(work.frame, align_box(d.box, margin, side), rgb, work.close_up_pixels,
               work.crop_extraction_scratch);
  work.close_up.width = work.close_up.height = side;
  work.close_up.pixels.resize(values);
  std::ranges::transform(work.close_up_pixels, work.close_up.pixels.begin(),
                         [](float v) { return static_cast<std::uint8_t>(std::clamp(v, 0.0F, 255.0F)); });
  verifier->detect(work.close_up, min_confidence, work.verifier_scratch, work.verifier_detections);
  const float inner = static_cast<float>(side) / (1 + 2 * margin);
  const rect expected{inner * margin, inner * margin, inner, inner};
  return std::ranges::any_of(work.verifier_detections,
                             [&](const detection& found) { return iou(found.box, expected) > min_iou; });
}

similarity_transform engine::crop_transform(const face& f) const {
  const int size = classifier.side();
  if (const auto* box = std::get_if<box_alignment>(&classifier.alignment()))
    return align_box(f.box, box->margin, size);
  const auto& layout = std::get<eye_layout>(classifier.alignment());
  if (f.landmarks)
    return align_eyes(layout, size, (*f.landmarks)[left_eye], (*f.landmarks)[right_eye],
                      min_eye_distance * f.box.width);
  const eye_layout& typical = detector->manifest().boxes.eyes;
  return align_eyes(layout, size, point_in_box(f.box, typical.left_eye),
                    point_in_box(f.box, typical.right_eye));
}

std::size_t engine::classified_count(std::size_t faces) const {
  return std::min(faces, static_cast<std::size_t>(std::max(options.max_classified, 0)));
}

std::span<const float> engine::crop(const workspace& work, std::size_t i) const {
  const std::size_t size = classifier.format().size();
  return std::span(work.crops).subspan(i * size, size);
}

/// The face in plain gray at the size that assess_quality() expects: the classifier's crop if it has this
/// format, otherwise a crop of the same area.
std::span<const float> engine::quality_crop(const image& from, std::size_t i, workspace& work) const {
  const input_format& format = classifier.format();
  if (format.is_plain_gray() && format.width == quality_size) return crop(work, i);
  const similarity_transform& t = work.crop_transforms[i];
  const float ratio = static_cast<float>(format.width) / static_cast<float>(quality_size);
  const similarity_transform resized{.a = t.a * ratio, .b = t.b * ratio, .x0 = t.x0, .y0 = t.y0};
  work.quality_crop.resize(static_cast<std::size_t>(quality_size) * static_cast<std::size_t>(quality_size));
  extract_crop(from, resized, {.width = quality_size, .height = quality_size}, work.quality_crop,
               work.crop_extraction_scratch);
  return work.quality_crop;
}

void engine::extract_crops(const image& from, std::span<face> faces, workspace& work) const {
  const input_format& format = classifier.format();
  const std::size_t count = work.crop_transforms.size();
  work.crops.resize(count * format.size());
  for (std::size_t i = 0; i < count; ++i)
    extract_crop(from, work.crop_transforms[i], format,
                 std::span(work.crops).subspan(i * format.size(), format.size()),
                 work.crop_extraction_scratch);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto gray = i < count ? quality_crop(from, i, work) : std::span<const float>{};
    faces[i].quality = assess_quality(faces[i].box, faces[i].pose.value_or(head_pose{}), gray, quality_size);
  }
}

std::error_code engine::crop_faces(std::span<const std::uint8_t> encoded, std::span<face> faces,
                                   workspace& work) const {
  work.crop_transforms.clear();
  for (const face& f : faces.first(classified_count(faces.size())))
    work.crop_transforms.push_back(crop_transform(f));
  const image* from = &work.frame;
  if (const int reduction = crop_reduction(faces); work.frame.reduction > reduction) {
    const bool gray = classifier.format().channels == channel_order::gray;
    const auto size =
        decode(encoded, options.limits, {.colour = !gray, .max_reduction = reduction}, work.detailed);
    if (!size) return size.error();
    from = &work.detailed;
  }
  extract_crops(*from, faces, work);
  return {};
}

void engine::crop_whole_frame(face& only, workspace& work) const {
  const auto width = static_cast<float>(work.frame.width);
  const auto height = static_cast<float>(work.frame.height);
  work.crop_transforms.assign(1, align_box({0, 0, width, height}, 0, classifier.side()));
  extract_crops(work.frame, {&only, 1}, work);
}

void engine::select_all(workspace& work) {
  work.selected.resize(work.crop_transforms.size());
  std::iota(work.selected.begin(), work.selected.end(), std::size_t{0});
}

void engine::classify(std::span<face> faces, workspace& work) const {
  const std::size_t size = classifier.format().size();
  const std::size_t count = work.selected.size();
  // Move the selected crops to the front; since the indices ascend, none is overwritten before it is copied.
  for (std::size_t k = 0; k < count; ++k) {
    if (work.selected[k] == k) continue;
    std::ranges::copy(crop(work, work.selected[k]),
                      work.crops.begin() + static_cast<std::ptrdiff_t>(k * size));
  }
  classifier.classify(count, std::span(work.crops).first(count * size), work.readings);
  for (std::size_t k = 0; k < count; ++k) faces[work.selected[k]].reading = std::move(work.readings.faces[k]);
}

face make_face(const detection& d) {
  face f;
  static_cast<detection&>(f) = d;
  if (d.landmarks) f.pose = estimate_pose(*d.landmarks);
  return f;
}

void keep_largest(std::vector<face>& faces, int max_count) {
  std::ranges::sort(faces, [](const face& a, const face& b) {
    return a.box.area() != b.box.area() ? a.box.area() > b.box.area() : a.box.x < b.box.x;
  });
  if (max_count > 0 && faces.size() > static_cast<std::size_t>(max_count))
    faces.resize(static_cast<std::size_t>(max_count));
}

}  // namespace emostream::vision
