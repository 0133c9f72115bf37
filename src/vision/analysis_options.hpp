#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "vision/image/image_limits.hpp"

namespace emostream::vision {

/// The models that an analyzer loads, and the limits of the images.
struct analyzer_options {
  std::filesystem::path detector_model;    ///< a folder with model.toml and an ONNX file, or a BlazeFace file
  std::filesystem::path classifier_model;  ///< a folder with model.toml and an ONNX file
  /// A detector that looks at each new face in a close-up; empty: none.
  std::filesystem::path second_detector_model = {};
  std::filesystem::path face_mesh = {};    ///< the folder that models/convert made
  std::filesystem::path cover_model = {};  ///< the file that training/cover.py made
  image_limits limits = {};                ///< of an image that is not part of a stream
  image_limits frame_limits = {};          ///< of a frame of a stream
  int max_classified = 8;                  ///< faces classified in each frame of a stream
  bool far_faces = false;                  ///< also search enlarged parts of each image, for small faces
};

/// Options that may differ from frame to frame.
struct frame_options {
  float min_confidence = 0.5F;
  int max_faces = 0;  ///< report only the largest faces; 0: all
  bool eyes = false;  ///< also measure the eyes; in a stream, of the eye_tracker::max_faces largest faces
  bool under_load = false;  ///< many frames are waiting: the stream detects less often
  bool upright = true;      ///< turn the image as its EXIF orientation says
};

/// How a stream uses earlier frames to save work.
struct stream_options {
  int detect_every = 10;  ///< frames, at most; faces are tracked in between. 1: in every frame
  /// The maximum time between detections, unless under load. Both intervals are a third of that while no face
  /// is visible.
  milliseconds detect_after{1000};
  /// Phase offset of the detections, in frames modulo `detect_every`. Different values keep streams that
  /// start together from detecting in the same frames.
  unsigned detection_phase = 0;
  milliseconds id_lifetime{1500};  ///< how long a lost face keeps its id
  milliseconds reuse_for{500};     ///< how long the reading of an unchanged face is reused; 0: never
};

}  // namespace emostream::vision
