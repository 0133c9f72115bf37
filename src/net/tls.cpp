#include "net/tls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace emostream::net {

namespace {

/// The maximum content of one record (RFC 8446 section 5.1).
constexpr std::size_t record_bytes = 16'384;

// Errors.

class tls_category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }
  [[nodiscard]] std::string message(int code) const override {
    const char* const text = ::ERR_reason_error_string(static_cast<unsigned>(code));
    return text ? text : "TLS error " + std::to_string(code);
  }
};

const tls_category& category() {
  static const tls_category instance;
  return instance;
}

error_code first_error() {
  const auto code = static_cast<int>(::ERR_peek_error());
  ::ERR_clear_error();
  return std::error_code(code, category());
}

// A socket BIO for OpenSSL. OpenSSL's own socket BIO raises SIGPIPE when the client has closed the
// connection.

int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(::BIO_get_data(bio)));
}

bool is_transient(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int bio_read(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::recv(descriptor_of(bio), bytes, static_cast<std::size_t>(size), 0);
  if (n < 0 && is_transient(errno)) BIO_set_retry_read(bio);
  if (n == 0) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(n);
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && is_transient(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

long bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const auto method = [] {
    std::unique_ptr<BIO_METHOD, decltype(&::BIO_meth_free)> m(
        ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket"), ::BIO_meth_free);
    ::BIO_meth_set_read(m.get(), bio_read);
    ::BIO_meth_set_write(m.get(), bio_write);
    ::BIO_meth_set_ctrl(m.get(), bio_control);
    return m;
  }();
  return method.get();
}

// The context.

/// Selects HTTP/1.1; a client that offers only other protocols gets an alert (RFC 7301 section 3.2).
int select_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void* /*argument*/) {
  static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  const int found = ::SSL_select_next_proto(&selected, out_size, ours.data(),
                                            static_cast<unsigned>(ours.size()), in, in_size);
  *out = selected;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

[[noreturn]] void throw_error(const std::string& what, const std::filesystem::path& file) {
  throw std::runtime_error(what + ' ' + file.string() + ": " + first_error().message());
}

void check_readable(const std::string& what, const std::filesystem::path& file) {
  if (!std::ifstream(file) || std::filesystem::is_directory(file))
    throw std::runtime_error("cannot read the " + what + ' ' + file.string());
}

}  // namespace

tls_context::tls_context(const std::filesystem::path& certificate, const std::filesystem::path& key)
    : context_(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free) {
  auto* const c = context_.get();
  if (!c) throw std::runtime_error("TLS: " + first_error().message());
  ::SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  // Only ciphers with forward secrecy and authenticated encryption. The client's order of preference decides,
  // because it knows whether its hardware accelerates AES.
  ::SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20");
  ::SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // A write may be repeated from a buffer that has moved; an idle connection holds no buffers.
  ::SSL_CTX_set_mode(
      c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_read_ahead(c, 1);  // one system call per record, not two
  ::SSL_CTX_set_num_tickets(c, 1);
  ::SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // clients keep tickets, the server keeps no state
  ::SSL_CTX_set_alpn_select_cb(c, select_protocol, nullptr);
  // Fail instead of prompting for a password.
  ::SSL_CTX_set_default_passwd_cb(c, [](char*, int, int, void*) { return -1; });

  ::ERR_clear_error();
  check_readable("certificate", certificate);
  if (::SSL_CTX_use_certificate_chain_file(c, certificate.c_str()) != 1)
    throw_error("no usable certificate in", certificate);
  check_readable("key", key);
  if (::SSL_CTX_use_PrivateKey_file(c, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      ::SSL_CTX_check_private_key(c) != 1)
    throw_error("no usable key for " + certificate.string() + " in", key);
}

bool is_plain_http(const error_code& ec) {
  const std::error_code e = ec;
  return e.category() == category() && ERR_GET_REASON(static_cast<unsigned>(e.value())) == SSL_R_HTTP_REQUEST;
}

// The session.

void tls_session::deleter::operator()(ssl_st* s) const {
  ::SSL_free(s);
}

tls_session::tls_session(const tls_context& context, int descriptor)
    : ssl_(::SSL_new(context.context_.get())) {
  BIO* const bio = ssl_ ? ::BIO_new(socket_method()) : nullptr;
  if (!bio) throw std::bad_alloc();
  ::BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(ssl_.get(), bio, bio);
  ::SSL_set_accept_state(ssl_.get());
}

/// The error of a call to OpenSSL that returned `returned`; sets `waits_for` if it is would_block.
error_code tls_session::error_of(int returned, tcp_socket::wait_type& waits_for) {
  const int saved = errno;
  switch (::SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      waits_for = tcp_socket::wait_read;
      return asio::error::would_block;
    case SSL_ERROR_WANT_WRITE:
      waits_for = tcp_socket::wait_write;
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      ::ERR_clear_error();
      return saved == 0 ? error_code(asio::error::eof) : error_code(saved, boost::system::system_category());
    default:
      broken_ = true;
      return first_error();
  }
}

error_code tls_session::handshake() {
  if (broken_) return asio::error::not_connected;
  ::ERR_clear_error();
  errno = 0;
  const int done = ::SSL_do_handshake(ssl_.get());
  drained_ = done != 1;  // the first request may have arrived with the end of the handshake
  if (done == 1) return {};
  const auto ec = error_of(done, read_wait_);
  if (ec == asio::error::eof) broken_ = true;
  return ec;
}

bool tls_session::established() const {
  return !broken_ && ::SSL_is_init_finished(ssl_.get()) == 1;
}

bool tls_session::pending() const {
  return !drained_ && ::SSL_has_pending(ssl_.get()) == 1;
}

std::size_t tls_session::read_some(std::span<char> buffer, error_code& ec) {
  ec = {};
  std::size_t taken = 0;
  drained_ = false;
  // OpenSSL returns one record per call, but may have taken several from the socket.
  do {
    if (broken_) {
      ec = asio::error::not_connected;
      break;
    }
    ::ERR_clear_error();
    errno = 0;
    std::size_t size = 0;
    const int done = ::SSL_read_ex(ssl_.get(), buffer.data() + taken, buffer.size() - taken, &size);
    if (done != 1) ec = error_of(done, read_wait_);
    taken += size;
  } while (!ec && taken < buffer.size() && ::SSL_has_pending(ssl_.get()) == 1);
  drained_ = ec == asio::error::would_block;
  if (taken != 0) ec = {};  // the next call returns the error again
  return taken;
}

error_code tls_session::peek() {
  if (broken_) return asio::error::not_connected;
  ::ERR_clear_error();
  errno = 0;
  char byte = 0;
  std::size_t size = 0;
  const int done = ::SSL_peek_ex(ssl_.get(), &byte, 1, &size);
  const auto ec = done == 1 ? error_code() : error_of(done, read_wait_);
  drained_ = ec == asio::error::would_block;
  return ec;
}

std::size_t tls_session::write_some(std::span<const asio::const_buffer> buffers, error_code& ec) {
  ec = {};
  std::array<char, record_bytes> gathered;
  std::size_t written = 0;
  std::size_t offset = 0;  // into the first remaining buffer
  while (true) {
    while (!buffers.empty() && buffers.front().size() == offset) {
      buffers = buffers.subspan(1);
      offset = 0;
    }
    if (buffers.empty()) return written;
    if (broken_) {
      ec = asio::error::not_connected;
      return written;
    }

    // The record depends only on the remaining bytes, so that a repeated call passes OpenSSL the same record.
    auto record = buffers.front() + offset;
    if (record.size() < record_bytes && buffers.size() > 1) {
      std::size_t size = 0;
      for (std::size_t i = 0; i < buffers.size() && size < record_bytes; ++i) {
        const auto from = i == 0 ? record : buffers[i];
        const auto n = std::min(from.size(), record_bytes - size);
        std::memcpy(gathered.data() + size, from.data(), n);
        size += n;
      }
      record = {gathered.data(), size};
    }
    ::ERR_clear_error();
    errno = 0;
    std::size_t size = 0;
    const int done = ::SSL_write_ex(ssl_.get(), record.data(), std::min(record.size(), record_bytes), &size);
    if (done != 1) {
      ec = error_of(done, write_wait_);
      if (written != 0) ec = {};  // the next call returns the error again
      return written;
    }
    written += size;
    for (size += offset; !buffers.empty() && size >= buffers.front().size(); buffers = buffers.subspan(1))
      size -= buffers.front().size();
    offset = size;
  }
}

void tls_session::send_close_notify() {
  if (!established()) return;
  ::ERR_clear_error();
  ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

}  // namespace emostream::net
