#include "net/client.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace emostream::net {

std::string response::header(std::string_view name) const {
  std::string lower(head);
  std::string prefix = "\r\n" + std::string(name) + ": ";
  const auto to_lower = [](unsigned char c) { return static_cast<char>(std::tolower(c)); };
  std::ranges::transform(lower, lower.begin(), to_lower);
  std::ranges::transform(prefix, prefix.begin(), to_lower);
  const auto at = lower.find(prefix);
  if (at == std::string::npos) return {};
  const auto begin = at + prefix.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

client::client(std::uint16_t port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  if (receive_buffer) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const timeval timeout{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    throw std::runtime_error("cannot connect");
  }
}

client::~client() {
  if (fd_ >= 0) ::close(fd_);
}

bool client::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = tls_ ? ::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                        : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool client::fill() {
  char chunk[65536];
  const auto n = tls_ ? ::SSL_read(tls_.get(), chunk, sizeof chunk) : ::recv(fd_, chunk, sizeof chunk, 0);
  if (n <= 0) return false;
  buffer_.append(chunk, static_cast<std::size_t>(n));
  return true;
}

std::string client::read(std::size_t size) {
  while (buffer_.size() < size && fill()) {
  }
  auto taken = buffer_.substr(0, size);
  buffer_.erase(0, taken.size());
  return taken;
}

bool client::at_end() {
  if (!buffer_.empty()) return false;
  char byte = 0;
  if (tls_ && ::SSL_read(tls_.get(), &byte, 1) > 0) return false;
  const auto n = ::recv(fd_, &byte, 1, 0);
  return n == 0 || (n < 0 && (errno == ECONNRESET || errno == EPIPE));
}

void client::send_fin() {
  ::shutdown(fd_, SHUT_WR);
}

void client::cork(bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

bool client::start_tls(int max_version, const std::string& protocol) {
  std::signal(SIGPIPE, SIG_IGN);  // raised by OpenSSL's socket BIO
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_client_method()),
                                                                    ::SSL_CTX_free);
  ::SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  ::SSL_CTX_set_max_proto_version(context.get(), max_version);
  const std::string offered = static_cast<char>(protocol.size()) + protocol;
  ::SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
  tls_.reset(::SSL_new(context.get()), ::SSL_free);
  ::SSL_set_fd(tls_.get(), fd_);
  return ::SSL_connect(tls_.get()) == 1;
}

std::string client::certificate_common_name() const {
  const std::unique_ptr<X509, decltype(&::X509_free)> certificate(::SSL_get1_peer_certificate(tls_.get()),
                                                                  ::X509_free);
  char name[256] = "";
  ::X509_NAME_get_text_by_NID(::X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

std::string client::tls_version() const {
  return ::SSL_get_version(tls_.get());
}

std::string client::alpn_protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool client::renegotiate() {
  return ::SSL_renegotiate(tls_.get()) == 1 && ::SSL_do_handshake(tls_.get()) == 1;
}

void client::send_close_notify() {
  ::SSL_shutdown(tls_.get());
}

bool client::ends_with_close_notify() {
  char byte = 0;
  const int n = ::SSL_read(tls_.get(), &byte, 1);
  return n <= 0 && ::SSL_get_error(tls_.get(), n) == SSL_ERROR_ZERO_RETURN;
}

void client::send_request(std::string_view method, std::string_view target, std::string_view body,
                          std::string_view headers) {
  std::string head = std::string(method) + ' ' + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
  head += headers;
  if (!body.empty() || method == "POST") head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  write(head + "\r\n" + std::string(body));
}

response client::request(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view headers) {
  send_request(method, target, body, headers);
  return read_response(method == "HEAD");
}

response client::read_response(bool without_body) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return {};
  response r;
  r.head = read(end + 4);
  r.status = std::stoi(r.head.substr(9, 3));
  const auto length = r.header("content-length");
  if (!length.empty() && !without_body) r.body = read(std::stoul(length));
  return r;
}

response client::upgrade(std::string_view target, std::string_view headers) {
  return get(target, std::string(headers) +
                         "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
}

void client::send_frame(unsigned char first_byte, std::string_view content) {
  write(frame_bytes(first_byte, content));
}

std::string client::frame_bytes(unsigned char first_byte, std::string_view content) {
  std::string bytes(1, static_cast<char>(first_byte));
  if (content.size() < 126) {
    bytes += static_cast<char>(0x80 | content.size());
  } else if (content.size() < 65536) {
    bytes += static_cast<char>(0x80 | 126);
    for (int shift = 8; shift >= 0; shift -= 8) bytes += static_cast<char>(content.size() >> shift);
  } else {
    bytes += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(content.size() >> shift);
  }
  const std::string_view mask = "\x12\x34\x56\x78";
  bytes += mask;
  for (std::size_t i = 0; i < content.size(); ++i) bytes += static_cast<char>(content[i] ^ mask[i % 4]);
  return bytes;
}

std::pair<int, std::string> client::read_frame() {
  const auto head = read(2);
  if (head.size() < 2) return {0, {}};
  std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
  if (size >= 126) {
    const auto extended = read(size == 126 ? 2 : 8);
    size = 0;
    for (const unsigned char c : extended) size = size << 8 | c;
  }
  return {static_cast<unsigned char>(head[0]), read(size)};
}

std::string sid_of(std::string_view handshake) {
  const std::string_view key = R"("sid":")";
  const auto begin = handshake.find(key) + key.size();
  return std::string(handshake.substr(begin, handshake.find('"', begin) - begin));
}

}  // namespace emostream::net
