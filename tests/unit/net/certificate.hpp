#pragma once

#include <filesystem>
#include <string>

#include "temporary_folder.hpp"

namespace emostream::net {

/// A self-signed certificate of its own making, and its key, as PEM files in a folder of its own.
class certificate {
 public:
  explicit certificate(const std::string& name);

  /// Puts a new one, of that name, into the same files.
  void renew(const std::string& name);

  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "certificate.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return folder_.path() / "key.pem"; }

 private:
  temporary_folder folder_;
};

}  // namespace emostream::net
