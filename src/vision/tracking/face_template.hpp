#pragma once

#include <array>
#include <cstddef>

#include "vision/image/alignment.hpp"
#include "vision/image/image.hpp"
#include "vision/image/patch.hpp"

namespace emostream::vision {

/// A small gray image of a face in one frame, used to find the face in the following frames.
///
/// Matching is image alignment by the inverse compositional algorithm (Baker & Matthews, "Lucas-Kanade 20
/// years on", IJCV 56, 2004): the Hessian is computed once, when the template is captured. A face may rotate,
/// scale and shift between frames. Brightness and contrast do not matter: the template and the image are
/// normalised to mean 0 and standard deviation 1, weighted by a Gaussian window that suppresses the
/// background in the corners.
class face_template {
 public:
  static constexpr int side = 32;  ///< of the template, in pixels
  static constexpr std::size_t pixels = std::size_t{side} * std::size_t{side};
  using pixel_array = std::array<float, pixels>;

  /// Scratch buffers, reused between calls.
  struct scratch {
    patch<1> region;
    pixel_array sampled{};
    std::array<pixel_array, 4> steepest_descent{};  ///< one image per parameter, weighted by the Gaussian
  };

  struct match {
    similarity_transform transform;  ///< template pixels -> image pixels
    float score = 0;                 ///< normalised cross-correlation with the template, -1..1
  };

  /// Captures the template. `transform` maps a square of `side` pixels to pixels of the original image.
  void capture(const image& from, const similarity_transform& transform, scratch& work);

  /// Finds the best match close to `near`: up to about a tenth of the face's side away. A score of -1 means
  /// that nothing could be matched.
  [[nodiscard]] match align(const image& in, const similarity_transform& near, scratch& work) const;

  /// Like align(), after a coarse search of up to the face's whole side in every direction.
  [[nodiscard]] match search(const image& in, const similarity_transform& near, scratch& work) const;

 private:
  static void load_region(const image& in, const similarity_transform& transform, float margin,
                          scratch& work);
  static void sample(const similarity_transform& transform, scratch& work);
  void compute_steepest_descent(scratch& work) const;
  [[nodiscard]] match refine(similarity_transform transform, scratch& work) const;
  [[nodiscard]] point find_shift(const similarity_transform& near, scratch& work) const;

  pixel_array values_{};                                   ///< normalised
  std::array<std::array<float, 4>, 4> inverse_hessian_{};  ///< 0 if the template has no texture
};

}  // namespace emostream::vision
