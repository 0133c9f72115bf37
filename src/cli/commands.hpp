#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/settings.hpp"

// The commands of the program. Each returns the exit status. Errors are exceptions derived from
// std::exception, with a message for the user.

namespace emostream::cli {

/// Serves until SIGTERM or SIGINT, then drains and returns 0; a second signal stops the server at once, and
/// the result is 1. SIGHUP reloads the TLS certificate, if there is one. Prints `ready http://HOST:PORT` (or
/// https) to stdout when the server is ready. In development mode, a missing secret is created and kept in
/// `.emostream/`, and the URL of the console page is printed with a token.
int serve(settings s, bool development);

/// Prints a token for `subject` to stdout, signed with the configured secret or, if there is none, with the
/// secret of development mode.
int token(const settings& s, const std::string& subject, std::chrono::seconds ttl);

/// Prints one line of JSON for each image in `paths`, which may be files or folders: `{"file", "resolution",
/// "faces", …}` or `{"file", "error"}`. Returns 1 if any image failed.
int analyze(const settings& s, const std::vector<std::filesystem::path>& paths);

struct evaluate_options {
  std::filesystem::path folder;  ///< contains a folder of images for each label
  bool cropped = false;          ///< the images are cropped faces
  bool json = false;
};

/// Evaluates the models on labelled images. Prints the scores to stdout, progress and unreadable images to
/// stderr. Returns 1 if an image could not be read.
int evaluate(const settings& s, const evaluate_options& options);

struct list_models_options {
  std::vector<std::string> models;  ///< folders, files, "front" or "back"; empty: the configured models
  bool json = false;
};

/// Loads and checks each model, and prints them as a table or as JSON. Returns 1 if any cannot be used.
int list_models(const settings& s, const list_models_options& options);

/// Prints the settings as a TOML file, without the secrets.
int print_config(settings s);

/// Prints the reference of all settings, with their defaults, in Markdown.
int print_settings_reference();

}  // namespace emostream::cli
