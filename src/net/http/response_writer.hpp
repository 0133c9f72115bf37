#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/asio/write.hpp>

#include "net/asio.hpp"
#include "net/http/http_message.hpp"
#include "net/stream.hpp"

namespace emostream::net {

/// Writes the responses of one HTTP connection, one at a time. Handlers keep the connection, and with it the
/// writer, alive.
class response_writer {
 public:
  /// Writes `head`, and `body` unless it is null: `handler(error_code)`.
  template <class Handler>
  void async_write(stream& io, std::string head, shared_bytes body, Handler&& handler) {
    head_ = std::move(head);
    body_ = std::move(body);
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_),
                                                    body_ ? asio::buffer(*body_) : asio::const_buffer()};
    asio::async_write(io, buffers,
                      [this, h = std::forward<Handler>(handler)](error_code ec, std::size_t) mutable {
                        std::string().swap(head_);
                        body_ = nullptr;
                        h(ec);
                      });
  }

  /// Discards what the client still sends, until it closes: closing earlier would reset the connection, and
  /// the client could lose the response. `handler()` when the client has closed, or has sent too much.
  template <class Handler>
  void linger(stream& io, Handler&& handler) {
    head_.resize(8192);
    io.async_read_some(asio::buffer(head_), [this, &io, h = std::forward<Handler>(handler)](
                                                error_code ec, std::size_t size) mutable {
      lingered_ += size;
      if (ec || lingered_ > max_lingered) return h();
      linger(io, std::move(h));
    });
  }

 private:
  static constexpr std::size_t max_lingered = 16'000'000;

  std::string head_;  // also the receive buffer of linger()
  shared_bytes body_;
  std::size_t lingered_ = 0;
};

}  // namespace emostream::net
