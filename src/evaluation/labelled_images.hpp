#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace emostream::evaluation {

struct labelled_image {
  std::filesystem::path file;
  std::size_t label = 0;
};

struct labelled_images {
  std::vector<labelled_image> images;  ///< in the order of their paths
  std::size_t unlabelled = 0;          ///< files beside the folders of labels
};

/// The files in `folder`, which has one folder for each of `labels`, or several, named as find_label() has
/// it. What lies deeper counts too; hidden files and folders do not. Throws std::runtime_error with a message
/// for the user where there is nothing to score, or a folder that is no label.
labelled_images list_labelled(const std::filesystem::path& folder, std::span<const std::string> labels);

}  // namespace emostream::evaluation
