#include "emotion/face_stream.hpp"

namespace emostream::emotion {

std::vector<face_report> face_stream::update(const vision::analysis& analysis, const session_config& config,
                                             time_point received) {
  std::vector<vision::rect> boxes;
  boxes.reserve(analysis.faces.size());
  for (const vision::face& face : analysis.faces) boxes.push_back(face.box);
  const auto ids = tracker_.update(boxes, received);

  smoother_.expire(received);
  std::vector<face_report> reports;
  reports.reserve(analysis.faces.size());
  for (std::size_t i = 0; i < analysis.faces.size(); ++i) {
    const vision::face& face = analysis.faces[i];
    face_report report{.id = ids.at(i), .seen = &face, .with_raw = config.raw_emotions};
    if (face.measured && !face.probabilities.empty()) {
      expression raw{face.probabilities, face.valence, face.arousal, largest(face.probabilities)};
      report.shown = config.smoothing ? smoother_.update(report.id, raw, received) : std::move(raw);
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace emostream::emotion
