#include "vision/detection/detector_manifest.hpp"

namespace emostream::vision {

detector_manifest read_detector_manifest(const manifest_reader& reader, const std::filesystem::path& folder) {
  detector_manifest m;
  read_common_keys(reader, folder, m);
  m.family = static_cast<detector_family>(reader.choice("family", {"blazeface", "boxes"}));
  if (m.family == detector_family::boxes) {
    box_format& b = m.boxes;
    b.input_name = reader.string("input.name", "");
    b.input = read_input_format(reader, {16, 2048});
    b.fit = static_cast<fit_mode>(reader.choice("input.fit", {"letterbox", "stretch"}, 0));
    b.scores = reader.string("output.scores");
    b.boxes = reader.string("output.boxes");
    b.kind = read_score_kind(reader);
    b.from_corners = reader.choice("output.box", {"corners", "centre"}, 0) == 0;
    b.in_fractions = reader.choice("output.unit", {"fractions", "pixels"}, 0) == 0;
    if (reader.has("output.max_overlap"))
      b.max_iou = static_cast<float>(reader.number("output.max_overlap", 0, 1));
    if (reader.has("framing")) b.eyes = read_eye_layout(reader);
  }
  reader.reject_unknown_keys();
  return m;
}

detector_manifest read_detector_manifest(const std::filesystem::path& model) {
  if (!std::filesystem::is_directory(model)) {
    detector_manifest m;
    m.source = m.file = model;
    return m;
  }
  const manifest_reader reader(model / manifest_file);
  if (read_model_kind(reader) != model_kind::detector)
    reader.fail("kind", "must be \"detector\" for a detector, not \"expression\"");
  return read_detector_manifest(reader, model);
}

}  // namespace emostream::vision
