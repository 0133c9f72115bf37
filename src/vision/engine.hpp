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
#include "vision/expression/crop.hpp"
#include "vision/face.hpp"
#include "vision/image/image.hpp"
#include "vision/tracking/face_template.hpp"

namespace emostream::vision {

/// The buffers for the analysis of one frame, reused for later frames.
struct workspace {
  image frame;
  image detailed;  ///< the frame decoded again at a higher resolution, if small faces need it
  detection_scratch detector_scratch;
  std::vector<detection> detections;  ///< in `frame`, the most confident first
  face_template::scratch tracking_scratch;

  // Verification of one detection.
  detection_scratch verifier_scratch;
  image close_up;
  std::vector<float> close_up_pixels;
  std::vector<detection> verifier_detections;  ///< the verifier's detections in `close_up`

  // Classification: one transform and one crop for each of the first classified_count() faces.
  crop_scratch crop_extraction_scratch;
  std::vector<similarity_transform> crop_transforms;
  std::vector<float> crops;           ///< [crop_transforms.size(), classifier.format().size()]
  std::vector<float> quality_crop;    ///< one crop as assess_quality() expects it, if those in `crops` differ
  std::vector<std::size_t> selected;  ///< indices of the crops to classify, ascending
  vision::readings readings;
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
  const std::unique_ptr<const vision::detector> verifier;  ///< may be null
  const vision::classifier classifier;
  const pool<workspace> workspaces;

  /// How to decode a frame for detection, reduced by a factor of at most `max`.
  [[nodiscard]] decode_options decode_options_for_detection(int max) const;

  /// The largest reduction of the frame, up to max_reduction, at which the first classified_count() faces
  /// have enough pixels for the classifier.
  [[nodiscard]] int crop_reduction(std::span<const face> faces) const;

  /// Detects the faces in work.frame.
  void detect(float min_confidence, workspace& work) const;

  /// Whether the verifier confirms that a detection in work.frame is a face, given a close-up of it.
  /// This rejects objects that resemble a face from afar, such as letters. True if there is no verifier.
  [[nodiscard]] bool verify(const detection& d, workspace& work) const;

  /// Extracts the crops of the first `classified_count()` faces and measures the quality of all. `encoded` is
  /// the frame that work.frame was decoded from; it is decoded again if the crops need a larger image.
  std::error_code crop_faces(std::span<const std::uint8_t> encoded, std::span<face> faces,
                             workspace& work) const;

  /// Uses the whole frame as the crop of one face.
  void crop_whole_frame(face& only, workspace& work) const;

  /// Selects all crops for classification.
  static void select_all(workspace& work);

  /// Classifies the selected crops as one batch, and stores the readings in their faces. Overwrites
  /// work.crops.
  void classify(std::span<face> faces, workspace& work) const;

  /// The values of crop `i` in work.crops.
  [[nodiscard]] std::span<const float> crop(const workspace& work, std::size_t i) const;

  /// How many faces are classified in a frame with `faces` faces.
  [[nodiscard]] std::size_t classified_count(std::size_t faces) const;

 private:
  [[nodiscard]] similarity_transform crop_transform(const face& f) const;
  [[nodiscard]] std::span<const float> quality_crop(const image& from, std::size_t i, workspace& work) const;
  void extract_crops(const image& from, std::span<face> faces, workspace& work) const;
};

/// Makes a face from a detection, with the pose but without id, quality and reading.
face make_face(const detection& d);

/// Sorts the faces by size and keeps the `max_count` largest; 0: all.
void keep_largest(std::vector<face>& faces, int max_count);

}  // namespace emostream::vision
