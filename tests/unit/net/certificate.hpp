#pragma once

#include <filesystem>
#include <string>

#include "temporary_folder.hpp"

namespace emostream::net {

/// A self-signed certificate with the common name `name` and its key, as PEM files in a temporary folder.
class certificate {
 public:
  explicit certificate(const std::string& name);

  /// Replaces both files with a new key and a certificate for the common name `name`.
  void renew(const std::string& name);

  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "certificate.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return folder_.path() / "key.pem"; }

 private:
  temporary_folder folder_;
};

}  // namespace emostream::net
