#pragma once

#include <filesystem>
#include <string>

namespace emostream::net {

/// A self-signed certificate of its own making, and its key, as PEM files in a folder of its own.
class certificate {
 public:
  explicit certificate(const std::string& name);
  ~certificate();
  certificate(const certificate&) = delete;
  certificate& operator=(const certificate&) = delete;

  /// Puts a new one, of that name, into the same files.
  void renew(const std::string& name);

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "certificate.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return folder_ / "key.pem"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace emostream::net
