#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "vision/image/image_limits.hpp"

namespace emostream::vision {

/// The models that an analyzer loads, and the limits that apply to every image.
struct analyzer_options {
  std::filesystem::path detector_model;    ///< a folder with model.toml and an ONNX file, or a BlazeFace file
  std::filesystem::path classifier_model;  ///< a folder with model.toml and an ONNX file
  /// A detector that checks each new face of a stream in a close-up; empty: no verification.
  std::filesystem::path verifier_model = {};
  image_limits limits;
  /// Of the boxes that are merged into the faces of a single image; its frame_options may request less.
  float min_confidence = 0.5F;
  int max_classified = 8;  ///< faces classified per frame, the largest first
};

/// Options that may differ from frame to frame.
struct frame_options {
  float min_confidence = 0.5F;
  int max_faces = 0;        ///< report only the largest faces; 0: all
  bool under_load = false;  ///< many frames are waiting: the stream detects less often
};

/// How a stream uses earlier frames to save work.
struct stream_options {
  int detect_every = 10;  ///< frames, at most; faces are tracked in between. 1: in every frame
  /// The maximum time between detections, unless under load. Both intervals are halved while no face is
  /// visible.
  milliseconds detect_after{1000};
  /// Phase offset of the detections, in frames modulo `detect_every`. Different values keep streams that
  /// start together from detecting in the same frames.
  unsigned detection_phase = 0;
  milliseconds id_lifetime{1500};  ///< how long a lost face keeps its id
  milliseconds reuse_for{500};     ///< how long the reading of an unchanged face is reused; 0: never
};

}  // namespace emostream::vision
