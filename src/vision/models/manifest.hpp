#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vision/expression/affect.hpp"
#include "vision/image/alignment.hpp"
#include "vision/image/input_format.hpp"
#include "vision/image/letterbox.hpp"

// What the model.toml of a model's folder says: see docs/models.md.
namespace emostream::vision {

/// What every model says of itself.
struct model_manifest {
  std::filesystem::path source;  ///< the model.toml
  std::string name;
  std::string version;
  std::filesystem::path file;  ///< the network

  /// Throws std::runtime_error that names the manifest and the key.
  [[noreturn]] void fail(std::string_view key, std::string_view what) const;
};

/// Whether scores are still to be made probabilities, by softmax, or by the logistic function if there is
/// one.
enum class score_kind { logits, probabilities };

/// A column of one of a network's outputs.
struct output_column {
  std::string output;  ///< empty: that of the labels
  int column = 0;
};

/// Valence and arousal as a network gives them itself.
struct affect_columns {
  output_column valence;
  output_column arousal;
};

/// The square about a face's box that a classifier wants to see, see frame_box().
struct box_framing {
  float margin = 0;
};

struct classifier_manifest : model_manifest {
  std::string input_name;  ///< of the network's input; empty: whatever it is called
  input_format input;      ///< a square
  std::variant<framing, box_framing> frame;
  std::string output_name;  ///< of the labels' output; empty: the network has one only
  score_kind kind = score_kind::logits;
  std::vector<std::string> labels;  ///< of its columns that are not own_affect's
  std::optional<affect_columns> own_affect = {};
  std::vector<affect> places;  ///< of the labels; empty if it has affect of its own
};

/// The networks that find faces.
enum class detector_family { blazeface, boxes };

/// How a network of the family `boxes` tells them.
struct box_format {
  std::string input_name;  ///< empty: whatever it is called
  input_format input;
  fitting fit = fitting::letterbox;
  std::string scores;  ///< output: background and face, or the face alone
  std::string boxes;   ///< output
  score_kind kind = score_kind::probabilities;
  bool from_corners = true;  ///< left, top, right, bottom; otherwise the middle, width and height
  bool in_fractions = true;  ///< of the input; otherwise in its pixels
  float max_overlap = 0.3F;
  framing eyes{{0.3F, 0.4F}, {0.7F, 0.4F}};  ///< in a box, as fractions of its width and height
};

struct detector_manifest : model_manifest {
  detector_family family = detector_family::blazeface;
  box_format boxes;  ///< of that family
};

using manifest = std::variant<classifier_manifest, detector_manifest>;

/// Reads `folder`/model.toml. Throws std::runtime_error with the file, the key that is missing or wrong, what
/// was expected and what found.
manifest read_manifest(const std::filesystem::path& folder);

/// As read_manifest(), and refuses one of the other kind.
classifier_manifest read_classifier(const std::filesystem::path& folder);

/// As read_manifest(), and refuses one of the other kind. A file that is no folder is taken for a BlazeFace's
/// network; its name is left empty.
detector_manifest read_detector(const std::filesystem::path& model);

}  // namespace emostream::vision
