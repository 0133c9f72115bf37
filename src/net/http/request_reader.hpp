#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/request_head.hpp"
#include "net/asio.hpp"
#include "net/http/head_scanner.hpp"
#include "net/http/http_options.hpp"

namespace emostream::net {

/// Parses the requests of one HTTP connection, one after the other. The connection does the I/O of the
/// headers and decides when to read a body.
class request_reader {
 public:
  enum class head_status { incomplete, complete, too_large, malformed };

  /// `opts` must outlive the reader.
  explicit request_reader(const options& opts);

  /// Discards the last request, and releases the receive buffer unless it contains bytes of the next one.
  void reset();
  /// True if bytes have been received that are not parsed yet.
  [[nodiscard]] bool has_input() const { return buffer_.size() != 0; }
  /// Starts to parse a request.
  void begin();

  // The header.

  /// The buffer for the next bytes of the header; call received() and scan_head() after receiving into it.
  asio::mutable_buffer prepare();
  void received(std::size_t size) { buffer_.commit(size); }
  [[nodiscard]] head_status scan_head();

  // The request, once its header is complete.

  /// The method and the headers.
  [[nodiscard]] request_head head() const;
  [[nodiscard]] std::string_view target() const;
  [[nodiscard]] bool is_http_1_0() const { return parser_->get().version() < 11; }
  [[nodiscard]] bool keep_alive() const { return parser_->keep_alive(); }
  [[nodiscard]] bool is_upgrade() const;
  [[nodiscard]] bool expects_continue() const;

  // The body.

  /// True if the request has been read completely.
  [[nodiscard]] bool is_done() const { return parser_->is_done(); }
  /// True if the announced length is larger than `limit`.
  [[nodiscard]] bool exceeds(std::size_t limit) const;
  /// The announced length, or `limit` if the body has none.
  [[nodiscard]] std::size_t body_size(std::size_t limit) const;
  /// Limits the body to `limit` bytes. Call it before async_read_body().
  void begin_body(std::size_t limit);
  /// Reads the rest of the body: `handler(error_code, std::size_t)`. The reader must stay alive until then.
  template <class Stream, class Handler>
  void async_read_body(Stream& io, Handler&& handler) {
    boost::beast::http::async_read(io, buffer_, *parser_, std::forward<Handler>(handler));
  }
  [[nodiscard]] std::string take_body() { return std::move(parser_->get().body()); }
  /// True if async_read_body() ended because the body is larger than the limit.
  [[nodiscard]] static bool is_over_limit(const error_code& ec);
  /// True if async_read_body() ended because the body is malformed.
  [[nodiscard]] static bool is_malformed(const error_code& ec);

 private:
  /// Limits the total size of the chunk extensions of a body; their content is ignored.
  struct extension_limit {
    std::size_t size = 0;
    void operator()(std::uint64_t, boost::beast::string_view extensions, error_code& ec);
  };

  [[nodiscard]] boost::beast::flat_buffer empty_buffer() const;

  const options& opts_;
  boost::beast::flat_buffer buffer_;
  head_scanner scanner_;
  extension_limit extensions_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
};

}  // namespace emostream::net
