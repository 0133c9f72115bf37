#include "service/face_stream.hpp"

namespace emostream::service {

std::vector<face_report> face_stream::update(const vision::analysis& analysis, const session_config& config,
                                             time_point received) {
  smoother_.expire(received);
  std::vector<face_report> reports;
  reports.reserve(analysis.faces.size());
  for (const vision::face& face : analysis.faces) {
    face_report report{.id = face.id, .seen = &face, .with_raw = config.raw_emotions};
    if (face.measured && !face.probabilities.empty()) {
      expression raw{face.probabilities, face.valence, face.arousal, largest(face.probabilities)};
      report.shown = config.smoothing ? smoother_.update(report.id, raw, received) : std::move(raw);
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace emostream::service
