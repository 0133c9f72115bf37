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

/// Reads the keys of a manifest, a TOML file. Whatever is wrong is thrown as a std::runtime_error that names
/// the file and the key, what was expected and what was found. Keys are paths, as in "input.width".
class manifest_reader {
 public:
  explicit manifest_reader(std::filesystem::path file);
  ~manifest_reader();
  manifest_reader(const manifest_reader&) = delete;
  manifest_reader& operator=(const manifest_reader&) = delete;

  [[nodiscard]] bool has(std::string_view key) const;

  // A key without a fallback must be there.

  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const;
  /// The place of what is said among the choices.
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string_view>& of) const;
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string_view>& of,
                                   std::size_t fallback) const;
  [[nodiscard]] int whole(std::string_view key, int min, int max) const;
  [[nodiscard]] double number(std::string_view key, double min, double max) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  /// So many numbers, each within the bounds.
  [[nodiscard]] std::vector<double> numbers(std::string_view key, std::size_t count, double min,
                                            double max) const;
  /// A table of pairs of numbers, each within the bounds; empty if there is none.
  [[nodiscard]] std::map<std::string, std::pair<double, double>> pairs(std::string_view key, double min,
                                                                       double max) const;
  [[nodiscard]] bool is_whole(std::string_view key) const;
  [[nodiscard]] bool is_table(std::string_view key) const;

  /// Throws if the file has a key that nobody has read.
  void finish() const;

  [[noreturn]] void fail(std::string_view key, std::string_view what) const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::vision
