#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/pool.hpp"
#include "base/result.hpp"
#include "vision/analyzer.hpp"
#include "vision/detection/detector.hpp"
#include "vision/expression/classifier.hpp"
#include "vision/face.hpp"
#include "vision/image/image.hpp"
#include "vision/tracking/appearance.hpp"

namespace emostream::vision {

/// Memory that a frame needs on its way from bytes to faces, used again by the next one.
struct workspace {
  image picture;
  image closer;  ///< of the same frame, where `picture` is too small for its smallest faces
  detecting_room detecting;
  std::vector<detection> found;
  detecting_room second_look;
  image near;
  std::vector<float> near_pixels;
  std::vector<detection> near_found;
  cutting_room cutting;
  appearance::room following;
  std::vector<similarity> frames;  ///< of the faces to be classified
  std::vector<float> crops;        ///< what lies in them, [faces, format.size()]
  std::vector<float> quality_crop;
  std::vector<std::size_t> unknown;  ///< which of them are to be classified anew
  readings read;
};

/// The models, and the steps that analyzer and stream are made of. Const members are safe from many threads
/// at once, each call with a workspace of its own.
class engine {
 public:
  /// Loads and checks the models. Throws std::runtime_error with the file and the reason.
  explicit engine(analyzer_options options);

  const analyzer_options options;
  const std::unique_ptr<const detector> faces;
  const std::unique_ptr<const detector> near_faces;  ///< for a second look; may be null
  const classifier expressions;
  const pool<workspace> workspaces;

  /// What detection needs of a frame that may be reduced so far for what else is done with it.
  [[nodiscard]] decoding detection_needs(int max_reduction) const;

  /// The largest reduction that leaves all that the classifier sees of these faces.
  [[nodiscard]] int crop_reduction(std::span<const face> measured) const;

  /// Faces into work.found, the most confident first.
  void detect(const image& in, float min_confidence, workspace& work) const;

  /// A second look at one of them, from near: whether it is a face. What only resembles one from afar, as
  /// letters do, does not pass.
  [[nodiscard]] bool is_face(const image& in, const detection& d, workspace& work) const;

  /// Cuts out the first of these faces, as many as are measured, and judges the quality of all; `encoded` is
  /// the frame that `work.picture` was made of, to be decoded once more if the faces are too small in it.
  std::error_code cut_out(std::span<const std::uint8_t> encoded, std::span<face> all, workspace& work) const;

  /// Cuts out the whole picture as one face.
  void cut_whole(face& only, workspace& work) const;

  /// Classifies, as one batch, those of the faces cut out which work.unknown names in rising order.
  void classify(std::span<face> all, workspace& work) const;

  /// All that were cut out.
  static void want_all(workspace& work);

  /// One of the crops of cut_out().
  [[nodiscard]] std::span<const float> crop(const workspace& work, std::size_t i) const;

  /// How many of so many faces are measured.
  [[nodiscard]] std::size_t measured(std::size_t faces) const;

 private:
  [[nodiscard]] similarity frame_of(const face& f) const;
  [[nodiscard]] std::span<const float> quality_crop(const image& from, std::size_t i, workspace& work) const;
  void cut_frames(const image& from, std::span<face> all, workspace& work) const;
};

}  // namespace emostream::vision
