#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream {

/// The head of an HTTP request, as plain data: what every layer above the sockets may know of a client.
struct request_head {
  std::string method{};                                        ///< upper case
  std::string target{};                                        ///< as sent: path and query
  std::string path{};                                          ///< percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query{};    ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case, in order
  std::string remote_address{};  ///< the client's, without the port; see net::options::trusted_proxies
  bool secure = false;           ///< over TLS, or so its trusted proxy says

  /// The first header of that (lower-case) name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return find(headers, name);
  }
  /// The first query parameter of that name.
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

/// The head that many hold and nobody changes: it is most of what a connection remembers.
using shared_request = std::shared_ptr<const request_head>;

}  // namespace emostream
