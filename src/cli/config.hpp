#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace emostream::cli {

/// A configuration that cannot be used; what() names the key, where its value came from and what would do.
struct config_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads settings from a TOML file and the environment into plain variables.
///
/// bind() each key once, then load(). `server.port` is `port` in the table `[server]` of the file and
/// EMOSTREAM_SERVER_PORT in the environment, which wins. A key of the file that nobody bound, a variable
/// EMOSTREAM_SERVER_… that nobody bound, and a value of the wrong type or out of range are each a
/// config_error that names it. For start-up: one thread, throws config_error.
class config {
 public:
  using environment = std::function<std::optional<std::string>(const std::string& name)>;

  config();
  ~config();
  config(const config&) = delete;
  config& operator=(const config&) = delete;

  void bind(std::string key, bool& value, std::string help);
  void bind(std::string key, std::string& value, std::string help);
  void bind(std::string key, std::int64_t& value, std::int64_t min, std::int64_t max, std::string help);
  void bind(std::string key, double& value, double min, double max, std::string help);
  /// An array of strings in the file, a comma-separated list in the environment.
  void bind(std::string key, std::vector<std::string>& value, std::string help);

  /// Assigns what the file (if any) and then the environment say; variables not mentioned keep their value.
  /// `environ` lists the process's variables as NAME=VALUE. Returns the EMOSTREAM_ variables outside every
  /// table, which are likely others' (Kubernetes sets EMOSTREAM_SERVICE_HOST and its like) but may be
  /// misspelt: worth a warning.
  std::vector<std::string> load(const std::optional<std::filesystem::path>& file,
                                const std::vector<std::string>& environ);

  /// All keys with their values now and their help, as a TOML file that load() reads back.
  [[nodiscard]] std::string to_toml() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::cli
