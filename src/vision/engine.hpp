#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "base/pool.hpp"
#include "vision/analysis_options.hpp"
#include "vision/detection/detector.hpp"
#include "vision/expression/classifier.hpp"
#include "vision/expression/cover_network.hpp"
#include "vision/face.hpp"
#include "vision/image/crop.hpp"
#include "vision/image/image.hpp"
#include "vision/landmarks/canonical_face.hpp"
#include "vision/landmarks/eye_network.hpp"
#include "vision/search/face_verifier.hpp"
#include "vision/tracking/face_template.hpp"
#include "vision/tracking/tracker.hpp"

namespace emostream::vision {

/// The buffers for the analysis of one frame, reused for later frames.
struct workspace {
  std::span<const std::uint8_t> encoded;  ///< the frame
  const image_limits* limits = nullptr;   ///< of the frame
  image frame;
  image detailed;  ///< the frame decoded again at a higher resolution, if small faces need it
  enum class detail_state { none, decoded, failed } detail = detail_state::none;  ///< of this frame
  detection_scratch detector_scratch;
  std::vector<detection> candidates;   ///< the detector's, the most confident first
  std::vector<found_face> detections;  ///< the verified ones
  std::vector<rect> known;             ///< boxes of faces found so far
  std::vector<std::size_t> tracks;     ///< indices of those to find again
  verifier_scratch verifying;
  face_template::scratch tracking_scratch;

  // Classification: one transform and one crop for each face that is cropped.
  crop_scratch crop_extraction_scratch;
  const image* cropped_from = nullptr;  ///< `frame` or `detailed`
  std::vector<similarity_transform> crop_transforms;
  std::vector<float> crops;           ///< [crop_transforms.size(), classifier.format().size()]
  std::vector<float> quality_crop;    ///< one crop as assess_quality() expects it, if those in `crops` differ
  std::vector<std::size_t> selected;  ///< indices of the crops to classify, ascending
  vision::readings readings;

  /// Releases the memory of images with more pixels: photographs may be many times larger than frames.
  void release_images_above(std::int64_t pixels);
};

/// The models, and the processing steps that analyzer and stream share. Const members are thread-safe; each
/// concurrent call needs its own workspace.
class engine {
 public:
  /// The largest reduction of a decoded frame.
  static constexpr int max_reduction = 8;

  /// Loads and checks the models. Throws std::runtime_error that names the file and the reason.
  explicit engine(analyzer_options options);

  const analyzer_options options;
  const std::unique_ptr<const vision::detector> detector;
  const face_verifier verifier;
  const canonical_face head;
  const eye_network eyes;
  const vision::classifier classifier;
  const cover_network cover;
  const pool<workspace> workspaces;

  /// Decodes the next frame into work.frame. Errors: image_error.
  [[nodiscard]] result<image_size> decode_frame(std::span<const std::uint8_t> encoded,
                                                const image_limits& limits, const decode_options& options,
                                                workspace& work) const;

  /// The frame reduced by at most `max`; decodes it again if work.frame is too small. If that fails, because
  /// more pixels take too much time or memory, work.frame.
  [[nodiscard]] const image& detailed_frame(int max, workspace& work) const;

  /// How to decode a frame for find_candidates(), reduced by a factor of at most `max`.
  [[nodiscard]] decode_options decode_options_for_detection(int max) const;
  /// The same for find_large_candidates() and for follow() of these faces.
  [[nodiscard]] decode_options decode_options_for_check(int max, std::span<const track> faces) const;

  /// The largest reduction of the frame, up to max_reduction, at which these faces have enough pixels for the
  /// classifier.
  [[nodiscard]] int crop_reduction(std::span<const face> faces) const;

  /// Replaces work.candidates with what the detector reports in a part of work.frame.
  void find_candidates(const region& part, workspace& work) const;

  /// Replaces work.candidates with what the second detector reports in work.frame. It takes a quarter of the
  /// time, and misses small faces. Requires that there is one.
  void find_large_candidates(workspace& work) const;

  /// The width of a face, in pixels, from which the boxes of the detectors are precise, in an image whose
  /// longer side has this many pixels.
  [[nodiscard]] static float precise_from(int longer_side);

  /// Whether a known face is so small that the detector may have missed others of its size.
  [[nodiscard]] static bool has_small_face(std::span<const rect> known, const image& in);

  /// The part of a frame to search in a stream's `i`-th search. Every second time it is, if a face is small
  /// or options.far_faces is set, an enlarged part; if no face is known, the whole with a border. Otherwise
  /// it is the whole.
  [[nodiscard]] region part_to_search(std::size_t i, std::span<const rect> known, const image& frame) const;

  /// Replaces work.detections with the faces in a frame that is not part of a stream.
  void search(workspace& work) const;

  /// Verifies a candidate, as face_verifier::verify().
  [[nodiscard]] std::optional<found_face> verify(const detection& candidate, roll_search rolls,
                                                 std::span<const rect> known, workspace& work) const;

  /// Finds a known face again, as face_verifier::follow().
  [[nodiscard]] std::optional<found_face> follow(const found_face& last, workspace& work) const;

  /// Makes a face from a detection, with the pose but without id, quality and reading.
  [[nodiscard]] face make_face(const found_face& d) const;

  /// Extracts the crops of the first `count` faces and measures the quality of all.
  void crop_faces(std::span<face> faces, std::size_t count, workspace& work) const;

  /// Uses the whole frame as the crop of one face.
  void crop_whole_frame(face& only, workspace& work) const;

  /// Selects all crops for classification.
  static void select_all(workspace& work);

  /// Classifies the selected crops as one batch, and stores the readings in their faces and whether these are
  /// covered. Overwrites work.crops.
  void classify(std::span<face> faces, workspace& work) const;

  /// The values of crop `i` in work.crops.
  [[nodiscard]] std::span<const float> crop(const workspace& work, std::size_t i) const;

 private:
  [[nodiscard]] similarity_transform crop_transform(const face& f) const;
  [[nodiscard]] std::span<const float> quality_crop(const image& from, std::size_t i, workspace& work) const;
  [[nodiscard]] hidden_parts judge_cover(const face& f, std::size_t i, workspace& work) const;
  void extract_crops(const image& from, std::span<face> faces, workspace& work) const;
  void verify_candidates(std::size_t& budget, workspace& work) const;
};

/// Sorts the faces by size and keeps the `max_count` largest; 0: all.
void keep_largest(std::vector<face>& faces, int max_count);

}  // namespace emostream::vision
