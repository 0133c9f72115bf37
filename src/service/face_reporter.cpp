#include "service/face_reporter.hpp"

namespace emostream::service {

std::vector<face_report> face_reporter::update(const vision::analysis& analysis, const session_config& config,
                                               time_point received) {
  smoother_.expire(received);
  std::vector<face_report> reports;
  reports.reserve(analysis.faces.size());
  const face_fields fields{.raw_emotions = config.raw_emotions, .mesh = config.mesh, .eyes = config.eyes};
  for (const vision::face& face : analysis.faces) {
    face_report report{.id = face.id, .face = &face, .fields = fields};
    if (face.reading)
      report.expression = config.smoothing
                              ? smoother_.update(report.id, *face.reading, received)
                              : service::expression{*face.reading, vision::dominant_label(*face.reading)};
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace emostream::service
