#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace emostream::server::test {

struct http_response {
  int status = 0;
  std::string head;
  std::string body;
};

/// An HTTP connection to 127.0.0.1. Throws std::runtime_error if it is refused or lost.
class http_client {
 public:
  explicit http_client(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    ::close(fd_);
    throw std::runtime_error("refused");
  }
  ~http_client() { ::close(fd_); }
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  http_response request(std::string_view method, std::string_view target, std::string_view body = {},
                        std::string_view header_lines = {}) const {
    std::string text;
    text.append(method)
        .append(" ")
        .append(target)
        .append(" HTTP/1.1\r\nHost: localhost\r\n")
        .append(header_lines);
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    if (::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("cannot send");

    http_response response;
    while (!response.head.ends_with("\r\n\r\n")) response.head += receive();
    response.status = std::stoi(response.head.substr(9, 3));
    constexpr std::string_view length = "Content-Length: ";
    const auto at = response.head.find(length);
    if (at == std::string::npos || response.status == 304) return response;
    const auto size = std::stoul(response.head.substr(at + length.size()));
    while (response.body.size() < size) response.body += receive();
    return response;
  }

 private:
  [[nodiscard]] char receive() const {
    char c = 0;
    if (::recv(fd_, &c, 1, 0) != 1) throw std::runtime_error("connection lost");
    return c;
  }

  int fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
};

/// Sends one request over a new connection.
inline http_response http(std::uint16_t port, std::string_view method, std::string_view target,
                          std::string_view body = {}, std::string_view header_lines = {}) {
  return http_client(port).request(method, target, body, header_lines);
}

}  // namespace emostream::server::test
