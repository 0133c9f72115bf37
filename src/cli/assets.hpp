#pragma once

#include <filesystem>

#include "api/documents.hpp"

namespace emostream::cli {

/// Where the files that the program needs are, in the tree it was built from.
struct assets {
  std::filesystem::path detector_front;
  std::filesystem::path detector_back;
  std::filesystem::path classifier;     ///< a model folder
  std::filesystem::path client_bundle;  ///< dist folder of socket.io-client
  std::filesystem::path console;        ///< folder with the index.html served at /

  api::document_files documents;

  static assets find();
};

}  // namespace emostream::cli
