#pragma once

#include <array>
#include <cstddef>

#include "vision/image/alignment.hpp"
#include "vision/image/image.hpp"
#include "vision/image/patch.hpp"

namespace emostream::vision {

/// What a face looked like in one frame: a small gray picture of it, by which it is found in the frames that
/// follow.
///
/// Following is image alignment by the inverse compositional algorithm (Baker & Matthews, "Lucas-Kanade 20
/// years on", IJCV 56, 2004): the Hessian is computed once, when the face is learnt. A face may move
/// by a turn, a scale and a shift. Light and contrast do not matter: both pictures are brought to mean 0 and
/// deviation 1 under a window that fades towards the corners, where there is more background than face.
class appearance {
 public:
  static constexpr int side = 32;  ///< of the picture
  static constexpr std::size_t pixels = static_cast<std::size_t>(side * side);
  using picture = std::array<float, pixels>;

  /// Memory that looking uses again.
  struct room {
    patch<1> window;
    picture seen{};
    std::array<picture, 4> descent{};  ///< of each parameter, times the window
  };

  struct match {
    similarity frame;    ///< from the picture's pixels to the image's
    float likeness = 0;  ///< correlation of the two pictures, -1..1
  };

  /// Takes the picture of what lies in `frame`, the way from a square of `side` pixels to the image as sent.
  void learn(const image& from, const similarity& frame, room& work);

  /// The best match in the neighbourhood of `near`: up to about a tenth of the face's side away. No match at
  /// all has a likeness of -1.
  [[nodiscard]] match follow(const image& in, const similarity& near, room& work) const;

  /// The same after a search for where the face may have gone: up to its whole side away, however it moved.
  [[nodiscard]] match search(const image& in, const similarity& near, room& work) const;

 private:
  void open_window(const image& in, const similarity& frame, float margin, room& work) const;
  static void sample(const similarity& frame, room& work);
  void find_descent(room& work) const;
  [[nodiscard]] match refine(similarity frame, room& work) const;
  [[nodiscard]] point find_shift(const similarity& near, room& work) const;

  picture values_{};                               ///< standardised
  std::array<std::array<float, 4>, 4> inverse_{};  ///< of the Hessian
};

}  // namespace emostream::vision
