#include "cli/labelled_images.hpp"

#include <algorithm>
#include <stdexcept>

#include "cli/label_names.hpp"

namespace emostream::cli {

namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void add_files(const fs::path& folder, std::size_t label, std::vector<labelled_image>& images) {
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::end(entry); ++entry) {
    if (is_hidden(entry->path()))
      entry.disable_recursion_pending();
    else if (!entry->is_directory())
      images.push_back({entry->path(), label});
  }
}

}  // namespace

labelled_images list_labelled(const fs::path& folder, std::span<const std::string> labels) {
  labelled_images found;
  std::vector<std::string> unknown;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_hidden(entry.path())) continue;
    if (!entry.is_directory()) {
      ++found.unlabelled;
      continue;
    }
    const std::string name = entry.path().filename().string();
    if (const auto label = find_label(name, labels))
      add_files(entry.path(), *label, found.images);
    else
      unknown.push_back(name);
  }
  if (!unknown.empty()) {
    std::ranges::sort(unknown);
    throw std::runtime_error("no label of the classifier's has the name of " + folder.string() +
                             "'s folder: " + joined(unknown) + "; its labels are " + joined(labels));
  }
  if (found.images.empty())
    throw std::runtime_error(folder.string() + " has no images in folders named after the labels " +
                             joined(labels));
  std::ranges::sort(found.images, {}, &labelled_image::file);
  return found;
}

}  // namespace emostream::cli
