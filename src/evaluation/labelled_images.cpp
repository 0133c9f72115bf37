#include "evaluation/labelled_images.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "evaluation/image_files.hpp"
#include "evaluation/label_names.hpp"

namespace emostream::evaluation {

namespace fs = std::filesystem;

labelled_images list_labelled(const fs::path& folder, std::span<const std::string> labels) {
  labelled_images found{.folder = folder, .images = {}, .unlabelled = 0};
  std::vector<std::string> unknown;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_hidden(entry.path())) continue;
    if (!entry.is_directory()) {
      ++found.unlabelled;
      continue;
    }
    const std::string name = entry.path().filename().string();
    const auto label = find_label(name, labels);
    if (!label) {
      unknown.push_back(name);
      continue;
    }
    for (auto& file : files_below(entry.path())) found.images.push_back({std::move(file), *label});
  }
  if (!unknown.empty()) {
    std::ranges::sort(unknown);
    throw std::runtime_error(fmt::format(
        "{} has folders that are not named after a label of the classifier: {}; the labels are {}",
        folder.string(), fmt::join(unknown, ", "), fmt::join(labels, ", ")));
  }
  if (found.images.empty())
    throw std::runtime_error(fmt::format("{} has no images in folders named after the labels {}",
                                         folder.string(), fmt::join(labels, ", ")));
  std::ranges::sort(found.images, {}, &labelled_image::file);
  return found;
}

}  // namespace emostream::evaluation
