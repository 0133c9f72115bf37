#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream {

/// The head of an HTTP request as plain data, independent of the HTTP library.
struct request_head {
  std::string method{};                                        ///< as received, normally upper case
  std::string target{};                                        ///< as received, normally path and query
  std::string path{};                                          ///< percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query{};    ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case, in order
  std::string remote_address{};  ///< without the port; the client's, even if behind a trusted proxy
  bool secure = false;           ///< received over TLS, by this server or by a trusted proxy

  /// The value of the first header named `name` (lower case).
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return find(headers, name);
  }
  /// The value of the first query parameter named `name`.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const {
    return find(query, name);
  }

 private:
  static std::optional<std::string_view> find(const std::vector<std::pair<std::string, std::string>>& in,
                                              std::string_view name) {
    for (const auto& [key, value] : in)
      if (key == name) return value;
    return std::nullopt;
  }
};

/// An immutable shared head, since the request head takes most of the memory of an idle Engine.IO session.
using shared_request = std::shared_ptr<const request_head>;

}  // namespace emostream
