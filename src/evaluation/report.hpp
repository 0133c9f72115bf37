#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "evaluation/calibration.hpp"
#include "evaluation/confusion_matrix.hpp"
#include "vision/analyzer.hpp"

namespace emostream::evaluation {

/// An image that could not be read and is excluded from the scores.
struct unreadable_image {
  std::filesystem::path file;
  std::string error;
};

/// The result of an evaluation on a folder of labelled images.
struct report {
  std::filesystem::path folder;
  bool cropped = false;  ///< the images were cropped faces: no detector was used
  std::string detector;
  std::string classifier;
  std::vector<std::string> labels;
  confusion_matrix matrix;
  calibration confidence{};
  std::vector<unreadable_image> unreadable{};  ///< sorted by path
  std::size_t unlabelled = 0;                  ///< number of files outside the folders named after labels
  /// Mean times on one of the threads: decode and detect per readable image, classify per face.
  vision::stage_times mean_ms{};
  unsigned threads = 1;
};

/// The report as text of several lines with tables.
std::string to_text(const report& r);

/// The report as JSON; docs/evaluation.md documents the keys. A mean or proportion over zero images is null.
boost::json::object to_json(const report& r);

}  // namespace emostream::evaluation
