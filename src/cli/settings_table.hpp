#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/setting.hpp"

namespace emostream::cli {

/// A configuration that cannot be used. what() is a message for the user; for a wrong value, it names the
/// key, the source and the accepted values.
struct config_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The list of all settings: reads their values from a TOML file and from the environment, and writes them.
///
/// `server.port` is `port` in the table `[server]` of the file and EMOSTREAM_SERVER_PORT in the environment,
/// which takes precedence. An unknown key in the file, an unknown variable EMOSTREAM_SERVER_…, or a value of
/// the wrong type or out of range is a config_error. Not thread-safe: use it at start-up.
class settings_table {
 public:
  explicit settings_table(std::vector<setting> all) : all_(std::move(all)) {}

  /// Assigns the values from the file, if one is given, then those from the environment; options that are
  /// mentioned in neither keep their values. `environ` holds the process's variables as NAME=VALUE. Returns
  /// the names of EMOSTREAM_ variables that belong to no table: other programs may have set them (Kubernetes
  /// sets EMOSTREAM_SERVICE_HOST, for example), or they are misspelt. Throws config_error.
  [[nodiscard]] std::vector<std::string> load(const std::optional<std::filesystem::path>& file,
                                              const std::vector<std::string>& environ) const;

  /// All settings with their current values as a TOML file that load() accepts, with the help as comments.
  [[nodiscard]] std::string to_toml() const;

  /// All settings with their current values in Markdown, with a section for each table of the TOML file.
  [[nodiscard]] std::string to_markdown() const;

 private:
  std::vector<setting> all_;
};

}  // namespace emostream::cli
