#include "vision/search/face_verifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "vision/image/crop.hpp"
#include "vision/search/suppression.hpp"

namespace emostream::vision {

namespace {

/// The margin on each side of a candidate in its close-up, as a fraction of its size.
constexpr float margin = 0.5F;
/// The minimum score of the second detector in the close-up.
constexpr float min_look = 0.1F;
/// The minimum IoU of the second detector's box and the candidate's: the first detector is off by half a face
/// where faces are small.
constexpr float min_overlap = 0.05F;

/// The logit of the landmark network after two passes above which the direction of a start is certain.
constexpr float certain_logit = 9;
/// The same for the difference between the meshes of these passes.
constexpr float certain_difference = 0.0125F;
/// Below this the landmark network sees no face whatever the direction.
constexpr float hopeless_logit = 0;
/// Meshes of two passes that differ by more than this are of no face (mesh_difference()).
constexpr float max_difference = 0.02F;
/// The largest difference between a face's mesh, moved along from an earlier frame, and that of the first
/// pass in this frame at which one pass is enough.
constexpr float max_change = 0.04F;

// The evidence for a face, in units of the landmark network's logit. The confidence is `even_confidence` at
// `even_evidence`.
constexpr float even_confidence = 0.5F;
constexpr float even_evidence = 10;
constexpr float evidence_spread = 4;
constexpr float look_weight = 20;
/// A look of this confidence decides alone, where the landmark network does not see the face: behind a mask,
/// in profile or blurred.
constexpr float convincing_look = 0.75F;

float mesh_evidence(float logit, float look) {
  return logit + look_weight * (look - 0.5F);
}

float look_evidence(float look) {
  return even_evidence + look_weight * (look - convincing_look);
}

/// The evidence for a face that is too small for the landmark network, from both detectors if their boxes
/// agree. The more pixels the face has, the more confident they must be.
float small_evidence(const detection& first, const found_face& look) {
  constexpr float min_agreement = 0.3F;
  constexpr float small_side = 24;
  constexpr float even_sum = 1.12F;
  constexpr float more_per_pixel = 0.03F;
  if (iou(first.box, look.box) < min_agreement) return 0;
  const float side = std::max(first.box.width, look.box.width);
  const float needed = even_sum + more_per_pixel * std::max(0.0F, side - small_side);
  return even_evidence + look_weight * (first.confidence + look.look - needed);
}

rect mean(const rect& a, const rect& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2, (a.width + b.width) / 2, (a.height + b.height) / 2};
}

float confidence_of(float evidence) {
  return 1 / (1 + std::exp((even_evidence - evidence) / evidence_spread));
}

/// The angle of the line between the eyes, in radians; 0 without landmarks.
float roll_of(const detection& d) {
  if (!d.landmarks) return 0;
  const point& l = (*d.landmarks)[left_eye];
  const point& r = (*d.landmarks)[right_eye];
  return std::atan2(r.y - l.y, r.x - l.x);
}

found_face make_face(const face_mesh& mesh, float look) {
  return {{.confidence = confidence_of(mesh_evidence(mesh.presence_logit, look)),
           .box = box_of(mesh.points),
           .landmarks = keypoints_of(mesh.points)},
          look,
          mesh.points};
}

/// A candidate of a detector whose confidence is not questioned, with the mesh that was fitted if it shows a
/// face.
found_face believe(const detection& candidate, const std::optional<found_face>& fitted) {
  if (!fitted || fitted->confidence < even_confidence) return {candidate};
  found_face face = *fitted;
  face.confidence = candidate.confidence;
  return face;
}

}  // namespace

bool face_verifier::is_certain(const fit_result& fitted) {
  return fitted.mesh.presence_logit >= certain_logit && fitted.difference <= certain_difference;
}

face_verifier::face_verifier(const std::filesystem::path& second_detector,
                             const std::filesystem::path& landmark_network_file)
    : second_(second_detector.empty() ? nullptr : load_detector(second_detector)),
      landmarks_(landmark_network_file) {}

int face_verifier::max_reduction_to_follow(const detection& last) {
  // At least one image pixel for each two of the landmark network's input.
  constexpr float side_for_each = mesh_crop_side / 1.5F / 2;
  return std::max(1, static_cast<int>(std::max(last.box.width, last.box.height) / side_for_each));
}

int face_verifier::max_reduction(const detection& candidate) {
  // One and a quarter image pixels for each pixel of a close-up of 128×128, the second detector's usual
  // input.
  constexpr float side_for_each = 128 / (1 + 2 * margin) * 1.25F;
  return std::max(1, static_cast<int>(std::max(candidate.box.width, candidate.box.height) / side_for_each));
}

void face_verifier::detect(const image& in, verifier_scratch& scratch, std::vector<detection>& into) const {
  constexpr float min_confidence = 0.4F;
  second_->detect(in, whole(in), min_confidence, scratch.detecting, into);
}

int face_verifier::detection_side() const {
  return std::max(second_->format().width, second_->format().height);
}

/// What the second detector finds in a close-up of the candidate, in pixels of the original image.
std::optional<found_face> face_verifier::look(const image& in, const detection& candidate,
                                              verifier_scratch& scratch) const {
  const input_format& input = second_->format();
  const int side = std::max(input.width, input.height);
  const auto values = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
  const input_format rgb{
      .width = side, .height = side, .channels = channel_order::rgb, .layout = tensor_layout::nhwc};
  scratch.close_up_pixels.resize(values);
  const similarity_transform to_image = align_box(candidate.box, margin, side);
  extract_crop(in, to_image, rgb, scratch.close_up_pixels, scratch.fitting.cropping);
  scratch.close_up.width = scratch.close_up.height = side;
  scratch.close_up.pixels.resize(values);
  std::ranges::transform(scratch.close_up_pixels, scratch.close_up.pixels.begin(),
                         [](float v) { return static_cast<std::uint8_t>(std::clamp(v, 0.0F, 255.0F)); });
  second_->detect(scratch.close_up, whole(scratch.close_up), min_look, scratch.detecting, scratch.found);

  // Of several faces in the close-up, the one that is meant overlaps the candidate most.
  std::optional<found_face> best;
  float best_score = 0;
  for (detection& d : scratch.found) {
    const point corner = to_image({d.box.x, d.box.y});
    const float scale = to_image.scale();
    d.box = {corner.x, corner.y, scale * d.box.width, scale * d.box.height};
    const float overlap = iou(d.box, candidate.box);
    const float score = d.confidence * std::sqrt(overlap);
    if (overlap < min_overlap || score <= best_score) continue;
    best_score = score;
    if (d.landmarks) std::ranges::transform(*d.landmarks, d.landmarks->begin(), to_image);
    best = found_face{d, d.confidence};
  }
  return best;
}

/// Fits the mesh from the box and roll of `start`, and, if this gives no certain result and `rolls` allows
/// it, from that turned by half a turn and by quarter turns: the network fits faces only within 30° or so of
/// the start.
face_verifier::fit_result face_verifier::fit(const image& in, const detection& start, roll_search rolls,
                                             verifier_scratch& scratch) const {
  fit_result best = start_fit(in, start, 0, scratch);
  float first_logit = best.mesh.presence_logit;
  if (first_logit >= hopeless_logit) pass_again(in, best, scratch);
  if (rolls == roll_search::any && !is_certain(best)) {
    constexpr float pi = std::numbers::pi_v<float>;
    for (const float turn : {pi, pi / 2, -pi / 2}) {
      const fit_result turned = start_fit(in, start, turn, scratch);
      if (turned.mesh.presence_logit <= first_logit) continue;
      first_logit = turned.mesh.presence_logit;
      best = turned;
    }
  }
  // Most faces take two passes, those that were found upside down or tilted more.
  constexpr int max_passes = 6;
  for (int pass = 0;
       pass < max_passes && best.difference > max_difference && best.mesh.presence_logit >= hopeless_logit;
       ++pass)
    pass_again(in, best, scratch);
  return best;
}

/// The first pass, from the box and roll of `start`, turned by `turn`.
face_verifier::fit_result face_verifier::start_fit(const image& in, const detection& start, float turn,
                                                   verifier_scratch& scratch) const {
  fit_result first;
  landmarks_.find(in, mesh_crop(start.box, roll_of(start) + turn), scratch.fitting, first.mesh);
  return first;
}

void face_verifier::pass_again(const image& in, fit_result& fitted, verifier_scratch& scratch) const {
  const mesh_points before = fitted.mesh.points;
  landmarks_.find(in, mesh_crop(before), scratch.fitting, fitted.mesh);
  fitted.difference = mesh_difference(before, fitted.mesh.points);
}

std::optional<found_face> face_verifier::verify(const image& in, const detection& candidate,
                                                roll_search rolls, std::span<const rect> known,
                                                verifier_scratch& scratch) const {
  std::optional<found_face> seen;
  if (second_) seen = look(in, candidate, scratch);
  const detection& start = seen ? static_cast<const detection&>(*seen) : candidate;
  if (contains_face(known, start.box)) return found_face{start};
  // Upright faces have at least 0.85 (2,200 candidates); the landmark network need not look at the others.
  constexpr float least_sum = 0.7F;
  const bool hopeless = second_ && candidate.confidence + (seen ? seen->look : 0) < least_sum;
  if (hopeless && rolls == roll_search::as_detected) return std::nullopt;
  const fit_result fitted = fit(in, start, rolls, scratch);
  std::optional<found_face> face;
  if (fitted.difference <= max_difference) face = make_face(fitted.mesh, seen ? seen->look : 0);
  if (!second_) return believe(candidate, face);
  if (!seen) return face;
  const float agreed = small_evidence(candidate, *seen);
  seen->confidence = confidence_of(std::max(look_evidence(seen->look), agreed));
  if (agreed > 0) seen->box = mean(candidate.box, seen->box);
  if (!face || (face->confidence < even_confidence && face->confidence < seen->confidence)) return seen;
  face->confidence = std::max(face->confidence, seen->confidence);
  return face;
}

std::optional<found_face> face_verifier::follow(const image& in, const found_face& last,
                                                verifier_scratch& scratch) const {
  fit_result fitted;
  landmarks_.find(in, mesh_crop(*last.mesh), scratch.fitting, fitted.mesh);
  fitted.difference = mesh_difference(*last.mesh, fitted.mesh.points);
  if (fitted.difference > max_change) {
    pass_again(in, fitted, scratch);
    if (fitted.difference > max_difference) return std::nullopt;
  }
  const found_face face = make_face(fitted.mesh, last.look);
  return second_ ? face : believe(last, face);
}

}  // namespace emostream::vision
