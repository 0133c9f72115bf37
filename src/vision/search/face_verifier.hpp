#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vision/detection/detector.hpp"
#include "vision/image/image.hpp"
#include "vision/landmarks/landmark_network.hpp"

namespace emostream::vision {

/// Scratch buffers of face_verifier, reused between calls.
struct verifier_scratch {
  image close_up;
  std::vector<float> close_up_pixels;
  std::vector<detection> found;  ///< in `close_up`
  detection_scratch detecting;
  landmark_scratch fitting;
};

/// In which directions a face may lie whose roll is not known well.
enum class roll_search { as_detected, any };

/// Decides whether a face is where a detector reported one, and where exactly: a second detector looks at the
/// candidate in a close-up, and the landmark network fits its mesh. Real faces get high scores from either,
/// phantoms such as letters or patterns of cloth from neither (docs/adr/0030). Member functions are
/// thread-safe; each concurrent call needs its own scratch buffers.
class face_verifier {
 public:
  /// Loads the networks. Without a second detector (an empty path), each candidate is taken for a face, with
  /// its own confidence. Throws std::runtime_error that names the file and the reason.
  face_verifier(const std::filesystem::path& second_detector,
                const std::filesystem::path& landmark_network_file);

  /// The face at the candidate, with its confidence, box, landmarks and, if its points agree between two
  /// passes, its mesh; nothing if there is none. If it is one of those in the boxes `known`, it is not
  /// looked at closely. `in` should be reduced by max_reduction() or less.
  [[nodiscard]] std::optional<found_face> verify(const image& in, const detection& candidate,
                                                 roll_search rolls, std::span<const rect> known,
                                                 verifier_scratch& scratch) const;

  [[nodiscard]] bool has_second_detector() const { return second_ != nullptr; }

  /// Replaces `into` with what the second detector reports in a whole image. Requires that there is one.
  void detect(const image& in, verifier_scratch& scratch, std::vector<detection>& into) const;
  /// The longer side of the image that detect() reads; a larger one is reduced to it.
  [[nodiscard]] int detection_side() const;

  /// Fits the mesh of a known face again. `last` is the face as it was found earlier, with its mesh, moved to
  /// where the face is expected now. Returns nothing if no face is there.
  [[nodiscard]] std::optional<found_face> follow(const image& in, const found_face& last,
                                                 verifier_scratch& scratch) const;

  /// The largest reduction of an image in which this candidate can be verified.
  [[nodiscard]] static int max_reduction(const detection& candidate);
  /// The largest reduction of an image in which follow() can find this face.
  [[nodiscard]] static int max_reduction_to_follow(const detection& last);

 private:
  /// A fitted mesh, and how much it differs from that of the pass before.
  struct fit_result {
    face_mesh mesh;
    float difference = 1;
  };

  [[nodiscard]] std::optional<found_face> look(const image& in, const detection& candidate,
                                               verifier_scratch& scratch) const;
  [[nodiscard]] fit_result fit(const image& in, const detection& start, roll_search rolls,
                               verifier_scratch& scratch) const;
  [[nodiscard]] fit_result start_fit(const image& in, const detection& start, float turn,
                                     verifier_scratch& scratch) const;
  [[nodiscard]] static bool is_certain(const fit_result& fitted);
  void pass_again(const image& in, fit_result& fitted, verifier_scratch& scratch) const;

  std::unique_ptr<const detector> second_;  ///< may be null
  landmark_network landmarks_;
};

}  // namespace emostream::vision
