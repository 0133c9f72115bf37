#include "vision/manifest.hpp"

namespace emostream::vision {

manifest read_manifest(const std::filesystem::path& folder) {
  const manifest_reader reader(folder / manifest_file);
  if (read_model_kind(reader) == model_kind::expression) return read_classifier_manifest(reader, folder);
  return read_detector_manifest(reader, folder);
}

}  // namespace emostream::vision
