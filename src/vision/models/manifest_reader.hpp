#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream::vision {

/// Reads the keys of a manifest, a TOML file. Errors are thrown as std::runtime_error: for a missing or wrong
/// value the message names the file and the key, with the expected and the actual value; for a syntax error,
/// the file and the line. Keys are paths such as "input.width".
class manifest_reader {
 public:
  explicit manifest_reader(std::filesystem::path file);
  ~manifest_reader();
  manifest_reader(const manifest_reader&) = delete;
  manifest_reader& operator=(const manifest_reader&) = delete;

  [[nodiscard]] bool has(std::string_view key) const;

  // A key without a fallback is required.

  [[nodiscard]] std::string string(std::string_view key) const;
  [[nodiscard]] std::string string(std::string_view key, std::string_view fallback) const;
  /// The index of the value in `choices`.
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string_view>& choices) const;
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string_view>& choices,
                                   std::size_t fallback) const;
  [[nodiscard]] int integer(std::string_view key, int min, int max) const;
  [[nodiscard]] double number(std::string_view key, double min, double max) const;
  /// An array of distinct non-empty strings, at least one.
  [[nodiscard]] std::vector<std::string> strings(std::string_view key) const;
  /// An array of `count` numbers, each from `min` to `max`.
  [[nodiscard]] std::vector<double> numbers(std::string_view key, std::size_t count, double min,
                                            double max) const;
  /// A table of pairs of numbers, each from `min` to `max`; empty if the key is absent.
  [[nodiscard]] std::map<std::string, std::pair<double, double>> pairs(std::string_view key, double min,
                                                                       double max) const;
  [[nodiscard]] bool is_integer(std::string_view key) const;
  [[nodiscard]] bool is_table(std::string_view key) const;

  /// Throws if the file has a key that has not been read.
  void reject_unknown_keys() const;

  [[noreturn]] void fail(std::string_view key, std::string_view what) const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::vision
