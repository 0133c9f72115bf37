#include "service/face_stream.hpp"

namespace emostream::service {

std::vector<face_report> face_stream::update(const vision::analysis& analysis, const session_config& config,
                                             time_point received) {
  smoother_.expire(received);
  std::vector<face_report> reports;
  reports.reserve(analysis.faces.size());
  for (const vision::face& face : analysis.faces) {
    face_report report{.id = face.id, .seen = &face, .with_raw = config.raw_emotions};
    if (face.reading)
      report.shown = config.smoothing ? smoother_.update(report.id, *face.reading, received)
                                      : expression{*face.reading, vision::dominant_label(*face.reading)};
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace emostream::service
