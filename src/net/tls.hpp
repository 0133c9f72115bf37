#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "net/asio.hpp"

// OpenSSL's own types, whose headers are for tls.cpp alone.
struct ssl_ctx_st;
struct ssl_st;

namespace emostream::net {

/// What the server shows to TLS clients: certificate, key, versions, ciphers. Immutable; the sessions made
/// with it keep it alive.
class tls_context {
 public:
  /// PEM files: the certificate with its chain behind it, and its key, without a password. Throws
  /// std::runtime_error with the file and what is wrong with it.
  tls_context(const std::filesystem::path& certificate, const std::filesystem::path& key);

 private:
  friend class tls_session;
  std::shared_ptr<ssl_ctx_st> context_;
};

/// True if a handshake failed because the client speaks plain HTTP.
bool is_plain_http(const error_code& ec);

/// The server's side of TLS 1.2 or 1.3 over a non-blocking socket. What cannot go on without the socket is
/// error::would_block; it then says which of its directions it waits for. The client's end, with close_notify
/// or without, is error::eof: HTTP and WebSocket know by themselves whether something is missing.
class tls_session {
 public:
  tls_session(const tls_context& context, int descriptor);

  error_code handshake();
  [[nodiscard]] bool established() const;

  std::size_t read_some(std::span<char> space, error_code& ec);
  /// Success: there are bytes to be read.
  error_code peek();
  /// As many records as the socket takes. After would_block the next call must begin with the same bytes.
  std::size_t write_some(std::span<const asio::const_buffer> buffers, error_code& ec);
  /// Sends close_notify, if the socket takes it at once.
  void shut();

  /// What the last read (or peek, or handshake) that would have blocked waits for.
  [[nodiscard]] tcp_socket::wait_type reading() const { return reading_; }
  [[nodiscard]] tcp_socket::wait_type writing() const { return writing_; }
  /// Bytes have been taken from the socket, and may make a record that was not read yet.
  [[nodiscard]] bool pending() const;

 private:
  error_code failure(int returned, tcp_socket::wait_type& waits_for);

  struct deleter {
    void operator()(ssl_st* s) const;
  };
  std::unique_ptr<ssl_st, deleter> ssl_;
  tcp_socket::wait_type reading_ = tcp_socket::wait_read;
  tcp_socket::wait_type writing_ = tcp_socket::wait_write;
  bool drained_ = true;  // the last read left nothing
  bool broken_ = false;  // an error that ends it: OpenSSL must not be asked again
};

}  // namespace emostream::net
