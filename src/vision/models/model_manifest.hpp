#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "vision/image/alignment.hpp"
#include "vision/image/input_format.hpp"
#include "vision/models/manifest_reader.hpp"

// The keys of model.toml that several kinds of models share; docs/models.md describes the file.
namespace emostream::vision {

/// The manifest's file name in a model's folder.
inline constexpr std::string_view manifest_file = "model.toml";

enum class model_kind { expression, detector };

/// The keys that every model has.
struct model_manifest {
  std::filesystem::path source;  ///< the model.toml; without one, the network
  std::string name;
  std::string version;
  std::filesystem::path file;  ///< the network

  /// Throws std::runtime_error that names the manifest and the key; without a manifest, the network.
  [[noreturn]] void fail(std::string_view key, std::string_view what) const;
};

/// Whether a network's scores are probabilities, or logits that need softmax (the logistic function if there
/// is only one score).
enum class score_kind { logits, probabilities };

/// The allowed range of an input's width and height.
struct side_limits {
  int min;
  int max;
};

// Each of these reads and checks some keys; errors as for manifest_reader.

model_kind read_model_kind(const manifest_reader& reader);
void read_common_keys(const manifest_reader& reader, const std::filesystem::path& folder, model_manifest& m);
input_format read_input_format(const manifest_reader& reader, side_limits side);
score_kind read_score_kind(const manifest_reader& reader);
eye_layout read_eye_layout(const manifest_reader& reader);

}  // namespace emostream::vision
