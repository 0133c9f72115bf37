#include "cli/models.hpp"

namespace emostream::cli {

std::filesystem::path detector_path(const std::string& name, const assets& files) {
  if (name == "back") return files.detector_back;
  if (name == "front") return files.detector_front;
  return name;
}

std::filesystem::path second_look_path(const settings& s, const assets& files) {
  if (s.vision.second_look != "auto") return detector_path(s.vision.second_look, files);
  // The front model knows what the back model mistakes for faces; what another detector finds is not for it
  // to judge.
  return s.vision.detector == "back" ? files.detector_front : std::filesystem::path();
}

std::filesystem::path classifier_path(const settings& s, const assets& files) {
  return s.vision.classifier.empty() ? files.classifier : std::filesystem::path(s.vision.classifier);
}

std::unique_ptr<const vision::analyzer> load_models(const settings& s, const assets& files,
                                                    const vision::image_limits& limits) {
  vision::analyzer_options o;
  o.detector_model = detector_path(s.vision.detector, files);
  o.classifier_model = classifier_path(s, files);
  o.verifier_model = second_look_path(s, files);
  o.limits = limits;
  o.min_confidence = static_cast<float>(s.vision.min_confidence);
  o.max_classified = static_cast<int>(s.vision.max_measured);
  return std::make_unique<const vision::analyzer>(std::move(o));
}

vision::image_limits frame_limits(const settings& s) {
  vision::image_limits limits;
  limits.max_bytes = static_cast<std::size_t>(s.frames.max_bytes);
  limits.max_width = static_cast<int>(s.frames.max_width);
  limits.max_height = static_cast<int>(s.frames.max_height);
  return limits;
}

service::model_info describe(const vision::analyzer& models) {
  return {
      .detector = models.detector_name(), .classifier = models.classifier_name(), .labels = models.labels()};
}

}  // namespace emostream::cli
