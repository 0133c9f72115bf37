#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "net/asio.hpp"

// OpenSSL's types; only tls.cpp includes <openssl/ssl.h>.
struct ssl_ctx_st;
struct ssl_st;

namespace emostream::net {

/// The TLS configuration of a server: certificate, key, versions, ciphers. Immutable; the sessions created
/// from it keep it alive.
class tls_context {
 public:
  /// PEM files: the certificate followed by its chain, and its private key, without a password. Throws a
  /// std::runtime_error that names the file and the problem.
  tls_context(const std::filesystem::path& certificate, const std::filesystem::path& key);

 private:
  friend class tls_session;
  std::shared_ptr<ssl_ctx_st> context_;
};

/// True if a handshake failed because the client speaks plain HTTP.
bool is_plain_http(const error_code& ec);

/// The server's side of TLS 1.2 or 1.3 over a non-blocking socket. An operation that has to wait for the
/// socket gives error::would_block, and read_wait() or write_wait() then returns the direction to wait for.
/// The end of the stream is error::eof, with or without close_notify: HTTP and WebSocket detect truncation
/// themselves.
class tls_session {
 public:
  tls_session(const tls_context& context, int descriptor);

  error_code handshake();
  [[nodiscard]] bool established() const;

  std::size_t read_some(std::span<char> buffer, error_code& ec);
  /// The error that read_some() would give; success if there are bytes to read.
  error_code peek();
  /// Writes as many records as the socket takes. After would_block the next call must begin with the same
  /// bytes.
  std::size_t write_some(std::span<const asio::const_buffer> buffers, error_code& ec);
  /// Sends close_notify, if the session is established and the socket takes it immediately.
  void send_close_notify();

  /// The direction that the last read, peek or handshake with would_block waits for.
  [[nodiscard]] tcp_socket::wait_type read_wait() const { return read_wait_; }
  /// The same for the last write with would_block.
  [[nodiscard]] tcp_socket::wait_type write_wait() const { return write_wait_; }
  /// True if a read may succeed without waiting: bytes that have been taken from the socket have not been
  /// read.
  [[nodiscard]] bool pending() const;

 private:
  error_code error_of(int returned, tcp_socket::wait_type& waits_for);

  struct deleter {
    void operator()(ssl_st* s) const;
  };
  std::unique_ptr<ssl_st, deleter> ssl_;
  tcp_socket::wait_type read_wait_ = tcp_socket::wait_read;
  tcp_socket::wait_type write_wait_ = tcp_socket::wait_write;
  bool drained_ = true;  // the last read would have blocked: only an incomplete record may be buffered
  bool broken_ = false;  // after a fatal error OpenSSL must not be called again
};

}  // namespace emostream::net
