#pragma once

#include <filesystem>

#include "api/documents.hpp"

namespace emostream::cli {

/// The files that the program loads at run time.
struct assets {
  std::filesystem::path detector_front;
  std::filesystem::path detector_back;
  std::filesystem::path classifier;     ///< a model folder
  std::filesystem::path face_mesh;      ///< the folder of the landmark networks
  std::filesystem::path cover;          ///< the network that judges whether faces are covered
  std::filesystem::path client_bundle;  ///< the folder dist of socket.io-client
  std::filesystem::path console;        ///< the folder of the console page, which is served at /

  api::document_files documents;

  /// The files in the source tree that contains the program. Throws std::runtime_error if there is none.
  static assets find();
};

}  // namespace emostream::cli
