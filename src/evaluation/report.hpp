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
  calibration confidence_calibration{};
  std::vector<unreadable_image> unreadable{};  ///< sorted by path
  std::size_t unlabelled = 0;                  ///< number of files outside the folders named after labels
  /// Mean times, each on one thread: decode and detect per readable image, classify per face. 0 if there are
  /// none.
  vision::stage_times mean_ms{};
  unsigned threads = 1;
};

/// The report as plain text with tables.
std::string to_text(const report& r);

/// The report as JSON; docs/evaluation.md documents the keys. A proportion or mean over zero images is null,
/// except in mean_ms.
boost::json::object to_json(const report& r);

}  // namespace emostream::evaluation
