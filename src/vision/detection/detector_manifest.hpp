#pragma once

#include <filesystem>
#include <string>

#include "vision/image/alignment.hpp"
#include "vision/image/input_format.hpp"
#include "vision/image/letterbox.hpp"
#include "vision/models/model_manifest.hpp"

namespace emostream::vision {

/// The supported kinds of detector networks.
enum class detector_family { blazeface, boxes };

/// The input and output format of a network of the family `boxes`.
struct box_format {
  std::string input_name;  ///< of the network's input; empty: not checked
  input_format input;
  fit_mode fit = fit_mode::letterbox;
  std::string scores;  ///< output with the scores: background and face, or the face alone
  std::string boxes;   ///< output with the boxes
  score_kind kind = score_kind::probabilities;
  bool from_corners = true;                     ///< left, top, right, bottom; false: centre, width and height
  bool in_fractions = true;                     ///< fractions of the input's size; false: input pixels
  float max_iou = 0.3F;                         ///< above this, two boxes are the same face
  eye_layout eyes{{0.3F, 0.4F}, {0.7F, 0.4F}};  ///< typical positions, as fractions of the box's sides
};

struct detector_manifest : model_manifest {
  detector_family family = detector_family::blazeface;
  box_format boxes;  ///< used by the family `boxes`
};

/// Reads `model`/model.toml; rejects the manifest of a classifier. If `model` is not a folder, it is taken as
/// the file of a BlazeFace network, and the name is left empty. Errors as for manifest_reader.
detector_manifest read_detector_manifest(const std::filesystem::path& model);

/// Reads the keys of a detector from an open manifest in `folder`.
detector_manifest read_detector_manifest(const manifest_reader& reader, const std::filesystem::path& folder);

}  // namespace emostream::vision
