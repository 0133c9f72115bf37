#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "auth/token.hpp"
#include "cli/settings_table.hpp"
#include "pipeline/frame_queue.hpp"
#include "server/server_options.hpp"
#include "service/service_options.hpp"
#include "vision/analysis_options.hpp"
#include "vision/analyzer.hpp"

namespace emostream::cli {

/// The models to load, as named in the settings; models.hpp resolves them to files.
struct model_choice {
  std::string detector = "back";  ///< "back", "front", or a path
  std::string verifier = "auto";  ///< as `detector`, or "auto", or empty for none
  std::string classifier;         ///< a model folder; empty: the shipped model
};

/// The size of the largest frame. Only its number of pixels is a limit, to allow portraits.
struct frame_size {
  int width = 1920;
  int height = 1080;
};

/// The options of GET /metrics.
struct metrics_options {
  bool enabled = false;
  std::string token;  ///< required as a bearer token; empty: no authentication
};

struct log_options {
  std::string level = "info";
  bool json = false;
};

/// The program's default server options, some of which differ from the library's.
emostream::server::options default_server_options();

/// The options of every part of the program. table() in settings.cpp binds each setting to the member that
/// holds its value and default.
struct settings {
  emostream::server::options server = default_server_options();
  emostream::service::service_options service{};
  pipeline::queue_options queue{};
  vision::analyzer_options analyzer{};
  vision::stream_options stream{};
  frame_size largest_frame{};
  auth::token_options token{};
  model_choice models{};
  metrics_options metrics{};
  log_options log{};

  /// Reads the file, if one is given, then the environment, and configures the log. Throws config_error if a
  /// value is invalid or settings contradict each other.
  void load(const std::optional<std::filesystem::path>& file);

  /// All settings, bound to this object, which must outlive the table.
  [[nodiscard]] settings_table table();

 private:
  void derive();
  void check() const;
};

/// The reference of all settings and their defaults in Markdown: docs/settings.md.
std::string settings_reference();

}  // namespace emostream::cli
