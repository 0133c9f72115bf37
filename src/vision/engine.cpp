#include "vision/engine.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <variant>

#include "vision/search/enlarged_parts.hpp"
#include "vision/search/suppression.hpp"

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

/// Of the detector's candidates. Faces among small ones have as little as this, phantoms as much as 0.8: the
/// verifier tells them apart.
constexpr float min_candidate_confidence = 0.2F;

/// The verifier's confidence from which a face is more likely than not. Only such faces decide where the
/// image is searched further.
constexpr float even_confidence = 0.5F;

/// The maximum number of candidates that are verified in an image, each in 3 to 6 ms (avx2).
constexpr std::size_t max_verifications = 64;
/// Of these, those in which the face may lie in any direction, which takes up to 6 ms more.
constexpr std::size_t max_any_roll_verifications = 16;

/// The image with a border of a quarter of its longer side: the detector misses faces that fill an image.
region with_border(const image& of) {
  const int border = std::max(of.width, of.height) / 4;
  return {.left = -border, .top = -border, .width = of.width + 2 * border, .height = of.height + 2 * border};
}

/// In degrees; 0 if nothing is known.
float yaw_of(const face& f) {
  if (f.pose) return f.pose->yaw;
  return f.landmarks ? estimate_yaw(*f.landmarks) : 0;
}

/// A point in the box, given as fractions of its width and height.
point point_in_box(const rect& box, point fractions) {
  return {box.x + fractions.x * box.width, box.y + fractions.y * box.height};
}

}  // namespace

void workspace::release_images_above(std::int64_t pixels) {
  for (image* i : {&frame, &detailed})
    if (i->pixels.capacity() > static_cast<std::size_t>(pixels) * 3) i->pixels = {};
}

engine::engine(analyzer_options o)
    : options(std::move(o)),
      detector(load_detector(options.detector_model)),
      verifier(options.second_detector_model, options.face_mesh / "landmarks.onnx"),
      head(options.face_mesh / "canonical_face.toml"),
      eyes(options.face_mesh / "attention.onnx"),
      classifier(options.classifier_model),
      cover(options.cover_model) {}

result<image_size> engine::decode_frame(std::span<const std::uint8_t> encoded, const image_limits& limits,
                                        const decode_options& how, workspace& work) const {
  work.encoded = encoded;
  work.limits = &limits;
  work.detail = workspace::detail_state::none;
  return decode(encoded, limits, how, work.frame);
}

const image& engine::detailed_frame(int max, workspace& work) const {
  using enum workspace::detail_state;
  const int reduction = std::max(max, work.frame.least_reduction);
  if (work.frame.reduction <= reduction) return work.frame;
  if (work.detail == none || (work.detail == decoded && work.detailed.reduction > reduction)) {
    const decode_options how{.max_reduction = reduction, .upright = work.frame.upright};
    work.detail = decode(work.encoded, *work.limits, how, work.detailed) ? decoded : failed;
  }
  return work.detail == decoded ? work.detailed : work.frame;
}

decode_options engine::decode_options_for_detection(int max) const {
  const auto side = static_cast<float>(std::max(detector->format().width, detector->format().height));
  return {.colour = true, .max_reduction = max, .min_longer_side = static_cast<int>(oversampling * side)};
}

decode_options engine::decode_options_for_check(int max, std::span<const track> faces) const {
  for (const track& t : faces) max = std::min(max, face_verifier::max_reduction_to_follow(t.position));
  const auto side = static_cast<float>(verifier.detection_side());
  return {.colour = true, .max_reduction = max, .min_longer_side = static_cast<int>(oversampling * side)};
}

int engine::crop_reduction(std::span<const face> faces) const {
  int reduction = max_reduction;
  for (const face& f : faces)
    reduction = std::min(reduction, std::max(1, static_cast<int>(crop_transform(f).scale() / oversampling)));
  return reduction;
}

void engine::find_candidates(const region& part, workspace& work) const {
  detector->detect(work.frame, part, min_candidate_confidence, work.detector_scratch, work.candidates);
}

void engine::find_large_candidates(workspace& work) const {
  verifier.detect(work.frame, work.verifying, work.candidates);
}

std::optional<found_face> engine::verify(const detection& candidate, roll_search rolls,
                                         std::span<const rect> known, workspace& work) const {
  const image& from = detailed_frame(face_verifier::max_reduction(candidate), work);
  return verifier.verify(from, candidate, rolls, known, work.verifying);
}

std::optional<found_face> engine::follow(const found_face& last, workspace& work) const {
  const image& from = detailed_frame(face_verifier::max_reduction_to_follow(last), work);
  return verifier.follow(from, last, work.verifying);
}

float engine::precise_from(int longer_side) {
  constexpr float relative_size = 1.0F / 10;
  return relative_size * static_cast<float>(longer_side);
}

bool engine::has_small_face(std::span<const rect> known, const image& in) {
  constexpr float relative_size = 1.0F / 13;  // 20 pixels of the detector's input of 256×256
  const auto longer = static_cast<float>(in.original_longer_side());
  return std::ranges::any_of(known, [&](const rect& box) { return box.width < relative_size * longer; });
}

region engine::part_to_search(std::size_t i, std::span<const rect> known, const image& frame) const {
  if (i % 2 == 0) return whole(frame);
  if (options.far_faces || has_small_face(known, frame)) {
    const auto parts = enlarged_parts(frame);
    return parts[i / 2 % parts.size()];
  }
  return known.empty() ? with_border(frame) : whole(frame);
}

void engine::search(workspace& work) const {
  work.detections.clear();
  work.known.clear();
  std::size_t budget = max_verifications;
  find_candidates(whole(work.frame), work);
  verify_candidates(budget, work);
  if (work.known.empty()) {
    find_candidates(with_border(work.frame), work);
    verify_candidates(budget, work);
  }
  if (options.far_faces || has_small_face(work.known, work.frame)) {
    for (const region& part : enlarged_parts(work.frame)) {
      find_candidates(part, work);
      verify_candidates(budget, work);
    }
  }
  suppress_duplicates(work.detections);
}

/// Appends the faces among the candidates to the detections, and takes the number of verifications from
/// `budget`.
void engine::verify_candidates(std::size_t& budget, workspace& work) const {
  for (const detection& candidate : work.candidates) {
    if (is_known(candidate, work.known, precise_from(work.frame.original_longer_side()))) continue;
    if (budget == 0) return;
    const bool any_roll = --budget >= max_verifications - max_any_roll_verifications;
    auto face = verify(candidate, any_roll ? roll_search::any : roll_search::as_detected, work.known, work);
    if (!face || contains_face(work.known, face->box)) continue;
    if (face->confidence >= even_confidence) work.known.push_back(face->box);
    work.detections.push_back(std::move(*face));
  }
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
    faces[i].quality = assess_quality(faces[i].box, yaw_of(faces[i]), gray, quality_size);
  }
}

/// Judges whether the face of crop `i` is covered. Nothing is known of faces without landmarks.
hidden_parts engine::judge_cover(const face& f, std::size_t i, workspace& work) const {
  if (!f.landmarks) return {};
  const auto* layout = std::get_if<eye_layout>(&classifier.alignment());
  if (layout && *layout == cover_network::eyes) return cover.judge(quality_crop(*work.cropped_from, i, work));
  constexpr int side = cover_network::side;
  std::array<float, std::size_t{side} * std::size_t{side}> gray;
  const auto& points = *f.landmarks;
  extract_crop(*work.cropped_from,
               align_eyes(cover_network::eyes, side, points[left_eye], points[right_eye],
                          min_eye_distance * f.box.width),
               {.width = side, .height = side}, gray, work.crop_extraction_scratch);
  return cover.judge(gray);
}

void engine::crop_faces(std::span<face> faces, std::size_t count, workspace& work) const {
  work.crop_transforms.clear();
  for (const face& f : faces.first(count)) work.crop_transforms.push_back(crop_transform(f));
  work.cropped_from = &detailed_frame(crop_reduction(faces.first(count)), work);
  extract_crops(*work.cropped_from, faces, work);
}

face engine::make_face(const found_face& d) const {
  face f;
  static_cast<found_face&>(f) = d;
  if (d.mesh) f.pose = head.pose(*d.mesh);
  return f;
}

void engine::crop_whole_frame(face& only, workspace& work) const {
  const auto width = static_cast<float>(work.frame.width);
  const auto height = static_cast<float>(work.frame.height);
  work.crop_transforms.assign(1, align_box({0, 0, width, height}, 0, classifier.side()));
  work.cropped_from = &work.frame;
  extract_crops(work.frame, {&only, 1}, work);
}

void engine::select_all(workspace& work) {
  work.selected.resize(work.crop_transforms.size());
  std::iota(work.selected.begin(), work.selected.end(), std::size_t{0});
}

void engine::classify(std::span<face> faces, workspace& work) const {
  const std::size_t size = classifier.format().size();
  const std::size_t count = work.selected.size();
  for (const std::size_t i : work.selected) {
    faces[i].hidden = judge_cover(faces[i], i, work);
    flag_cover(faces[i].quality, faces[i].hidden);
  }
  // Move the selected crops to the front; since the indices ascend, none is overwritten before it is copied.
  for (std::size_t k = 0; k < count; ++k) {
    if (work.selected[k] == k) continue;
    std::ranges::copy(crop(work, work.selected[k]),
                      work.crops.begin() + static_cast<std::ptrdiff_t>(k * size));
  }
  classifier.classify(count, std::span(work.crops).first(count * size), work.readings);
  for (std::size_t k = 0; k < count; ++k) faces[work.selected[k]].reading = std::move(work.readings.faces[k]);
}

void keep_largest(std::vector<face>& faces, int max_count) {
  std::ranges::sort(faces, [](const face& a, const face& b) {
    return a.box.area() != b.box.area() ? a.box.area() > b.box.area() : a.box.x < b.box.x;
  });
  if (max_count > 0 && faces.size() > static_cast<std::size_t>(max_count))
    faces.resize(static_cast<std::size_t>(max_count));
}

}  // namespace emostream::vision
