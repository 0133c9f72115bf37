#pragma once

#include <functional>

#include "evaluation/labelled_images.hpp"
#include "evaluation/report.hpp"
#include "vision/analyzer.hpp"

namespace emostream::evaluation {

struct options {
  bool cropped = false;         ///< the images are cropped faces: no face detection
  float min_confidence = 0.5F;  ///< of a detected face
  unsigned threads = 1;
};

/// Classifies the largest face of each image, or the whole image if it is a cropped face, and compares the
/// result with the image's label. `on_image` is called after each image, on any thread, one call at a time.
/// The report does not depend on the number of threads, except for the times. An exception on a thread stops
/// the evaluation and is rethrown.
report evaluate(const vision::analyzer& models, const labelled_images& images, const options& o,
                const std::function<void()>& on_image);

}  // namespace emostream::evaluation
