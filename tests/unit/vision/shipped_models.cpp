#include "vision/shipped_models.hpp"

#include "vision/files.hpp"

namespace emostream::vision::testing {

analyzer_options shipped_models() {
  return {.detector_model = blazeface("back"),
          .classifier_model = classifier_model(),
          .second_detector_model = blazeface("front"),
          .face_mesh = face_mesh_folder(),
          .cover_model = cover_model()};
}

const analyzer& shipped_analyzer() {
  static const analyzer a(shipped_models());
  return a;
}

}  // namespace emostream::vision::testing
