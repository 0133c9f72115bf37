#include "vision/detection/detector.hpp"

#include "vision/detection/blazeface_detector.hpp"
#include "vision/detection/box_detector.hpp"

namespace emostream::vision {

std::unique_ptr<const detector> load_detector(const std::filesystem::path& model) {
  auto m = read_detector_manifest(model);
  if (m.family == detector_family::boxes) return std::make_unique<const box_detector>(std::move(m));
  return std::make_unique<const blazeface_detector>(std::move(m));
}

}  // namespace emostream::vision
