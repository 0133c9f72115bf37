#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "evaluation/calibration.hpp"
#include "evaluation/confusion.hpp"
#include "service/options.hpp"
#include "vision/analyzer.hpp"

namespace emostream::evaluation {

/// An image that could not be read, and so is neither right nor wrong.
struct unreadable_image {
  std::filesystem::path file;
  std::string error;
};

/// What came of scoring a folder of labelled images.
struct report {
  std::filesystem::path folder;
  bool cropped = false;  ///< the images were faces cut out already: none was looked for
  service::model_info model;
  confusion counts;
  calibration confidence{};                  ///< of the answers
  std::vector<unreadable_image> unreadable;  ///< in the order of their paths
  std::size_t unlabelled = 0;                ///< files beside the folders of labels
  /// Means, on one of so many threads: of an image that could be read; of classifying, of a face.
  vision::stage_times mean_ms;
  unsigned workers = 1;
};

/// Tables for people, several lines.
std::string to_text(const report& e);

/// The same for programs: docs/evaluation.md tells the keys. What is the mean of nothing is null.
boost::json::object to_json(const report& e);

}  // namespace emostream::evaluation
