#include "cli/secret.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/base64.hpp"

namespace emostream::cli {

namespace {

std::string random_secret() {
  std::array<unsigned char, 48> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("cannot generate a random secret");
  return base64::encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Creates a file that only its owner can read. Returns false and changes nothing if the file exists, because
/// another process may have just created it.
bool create_private_file(const std::filesystem::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno == EEXIST) return false;
    throw std::runtime_error("cannot write " + path.string() + ": " + std::generic_category().message(errno));
  }
  const bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  ::close(file);
  if (!written) throw std::runtime_error("cannot write " + path.string());
  return true;
}

}  // namespace

std::string development_secret(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto path = folder / "jwt_secret";
  if (!std::filesystem::exists(path)) create_private_file(path, random_secret());

  std::ifstream file(path);
  std::string secret;
  if (!std::getline(file, secret)) throw std::runtime_error("cannot read a secret from " + path.string());
  return secret;
}

}  // namespace emostream::cli
