#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/settings.hpp"

// The commands of the program: each returns its exit status, and throws std::exception with a message for the
// user.

namespace emostream::cli {

/// Serves until SIGTERM or SIGINT, drains, and returns; 1 if a second of them cut that short. SIGHUP reads
/// the certificate again, where there is one. Prints `ready http://HOST:PORT` (or https) to stdout once it
/// serves. In development, where no secret is set, one is kept in `.emostream/` and the page's address
/// printed with a token.
int serve(settings s, bool development);

/// Prints a token for `subject` to stdout, signed with the secret set, or else with that of development mode.
int token(const settings& s, const std::string& subject, std::chrono::seconds ttl);

/// Prints one line of JSON for each image named, or in a folder named: `{"file", "resolution", "faces", …}`
/// or `{"file", "error"}`; 1 if any failed.
int analyze(const settings& s, const std::vector<std::filesystem::path>& named);

struct evaluate_options {
  std::filesystem::path folder;  ///< with a folder of images for each label
  bool cropped = false;          ///< they are faces cut out already
  bool json = false;
};

/// Scores the models on labelled images and prints the result to stdout, progress and what could not be read
/// to stderr; 1 if an image could not be read.
int evaluate(const settings& s, const evaluate_options& options);

/// What to list.
struct list_models_options {
  std::vector<std::string> models;  ///< folders, files, "front" or "back"; none: those that the settings name
  bool json = false;
};

/// Prints models as a table or as JSON, each after trying it out; 1 if any cannot be used.
int list_models(const settings& s, const list_models_options& options);

/// Prints the settings in force, with the secrets left out.
int print_config(settings s);

}  // namespace emostream::cli
