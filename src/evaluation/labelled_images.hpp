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
  std::filesystem::path folder;
  std::vector<labelled_image> images;  ///< sorted by path
  std::size_t unlabelled = 0;          ///< number of files in `folder` itself, without hidden ones
};

/// The files in the subfolders of `folder`, all taken as images. The name of each subfolder stands for one of
/// `labels`, as find_label() defines; several may stand for the same label. Includes files in deeper folders,
/// but no hidden files and folders. Throws std::runtime_error with a message for the user if there are no
/// images, or if a subfolder's name does not stand for a label.
labelled_images list_labelled(const std::filesystem::path& folder, std::span<const std::string> labels);

}  // namespace emostream::evaluation
