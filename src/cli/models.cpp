#include "cli/models.hpp"

namespace emostream::cli {

std::filesystem::path detector_path(const std::string& name, const assets& files) {
  if (name == "back") return files.detector_back;
  if (name == "front") return files.detector_front;
  return name;
}

std::filesystem::path verifier_path(const model_choice& models, const assets& files) {
  if (models.verifier != "auto") return detector_path(models.verifier, files);
  // The front model rejects the false positives of the back model; for other detectors it was not tested.
  return models.detector == "back" ? files.detector_front : std::filesystem::path();
}

std::filesystem::path classifier_path(const model_choice& models, const assets& files) {
  return models.classifier.empty() ? files.classifier : std::filesystem::path(models.classifier);
}

std::unique_ptr<const vision::analyzer> load_models(const settings& s, const assets& files,
                                                    const vision::image_limits& images,
                                                    const vision::image_limits& frames) {
  auto o = s.analyzer;
  o.detector_model = detector_path(s.models.detector, files);
  o.classifier_model = classifier_path(s.models, files);
  o.second_detector_model = verifier_path(s.models, files);
  o.face_mesh = files.face_mesh;
  o.cover_model = files.cover;
  o.limits = images;
  o.frame_limits = frames;
  return std::make_unique<const vision::analyzer>(std::move(o));
}

vision::model_info describe(const vision::analyzer& models) {
  return {
      .detector = models.detector_name(), .classifier = models.classifier_name(), .labels = models.labels()};
}

}  // namespace emostream::cli
