#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vision/expression/affect.hpp"
#include "vision/image/alignment.hpp"
#include "vision/image/input_format.hpp"
#include "vision/models/model_manifest.hpp"

namespace emostream::vision {

/// A column of one of a network's outputs.
struct output_column {
  std::string output;  ///< empty: the output with the labels' scores
  int column = 0;
};

/// The columns of a network that predicts valence and arousal itself.
struct affect_columns {
  output_column valence;
  output_column arousal;
};

/// Aligns crops by the face's box, see align_box().
struct box_alignment {
  float margin = 0;
};

struct classifier_manifest : model_manifest {
  std::string input_name;  ///< of the network's input; empty: not checked
  input_format input;      ///< a square
  std::variant<eye_layout, box_alignment> alignment;
  std::string output_name;  ///< the output with the labels' scores; empty: the network's only output
  score_kind kind = score_kind::logits;
  std::vector<std::string> labels;  ///< of that output's columns, except those in affect_outputs
  std::optional<affect_columns> affect_outputs = {};
  std::vector<affect> label_affects;  ///< one per label; empty if there are affect_outputs
};

/// Reads `folder`/model.toml; rejects the manifest of a detector. Errors as for manifest_reader.
classifier_manifest read_classifier_manifest(const std::filesystem::path& folder);

/// Reads the keys of a classifier from an open manifest in `folder`.
classifier_manifest read_classifier_manifest(const manifest_reader& reader,
                                             const std::filesystem::path& folder);

}  // namespace emostream::vision
