#include "net/http/request_reader.hpp"

#include <algorithm>

#include <boost/beast/websocket/rfc6455.hpp>

#include "net/http/request_parsing.hpp"

namespace emostream::net {

namespace http = boost::beast::http;

namespace {

/// Capacity for bytes that have been received and not yet parsed: the header line of a chunk, which is parsed
/// once it is complete, and pipelined requests.
constexpr std::size_t max_unparsed = 65'536;
constexpr std::size_t head_read_size = 4096;
constexpr std::size_t max_chunk_extensions = 1024;

}  // namespace

void request_reader::extension_limit::operator()(std::uint64_t, boost::beast::string_view extensions,
                                                 error_code& ec) {
  if ((size += extensions.size()) > max_chunk_extensions) ec = http::error::bad_chunk_extension;
}

request_reader::request_reader(const options& opts)
    : opts_(opts), buffer_(empty_buffer()), scanner_(opts.max_header_fields) {}

boost::beast::flat_buffer request_reader::empty_buffer() const {
  return boost::beast::flat_buffer(std::max(opts_.max_header_bytes, max_unparsed));
}

void request_reader::reset() {
  parser_.reset();
  if (!has_input()) buffer_ = empty_buffer();
}

void request_reader::begin() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(opts_.max_header_bytes));
  parser_->body_limit(boost::none);  // set by begin_body()
  scanner_ = head_scanner(opts_.max_header_fields);
}

asio::mutable_buffer request_reader::prepare() {
  return buffer_.prepare(std::min(head_read_size, opts_.max_header_bytes - buffer_.size()));
}

request_reader::head_status request_reader::scan_head() {
  const auto bytes = buffer_.data();
  switch (scanner_.scan({static_cast<const char*>(bytes.data()), bytes.size()})) {
    case head_scanner::status::incomplete:
      return bytes.size() < opts_.max_header_bytes ? head_status::incomplete : head_status::too_large;
    case head_scanner::status::too_many_fields:
      return head_status::too_large;
    case head_scanner::status::malformed:
      return head_status::malformed;
    case head_scanner::status::complete:
      break;
  }
  error_code ec;
  parser_->put(asio::const_buffer(bytes.data(), scanner_.size()), ec);
  buffer_.consume(scanner_.size());
  if (ec == http::error::header_limit) return head_status::too_large;
  return ec ? head_status::malformed : head_status::complete;
}

request_head request_reader::head() const {
  return head_of(parser_->get());
}

std::string_view request_reader::target() const {
  return parser_->get().target();
}

bool request_reader::is_upgrade() const {
  return boost::beast::websocket::is_upgrade(parser_->get());
}

bool request_reader::expects_continue() const {
  return net::expects_continue(parser_->get());
}

bool request_reader::exceeds(std::size_t limit) const {
  const auto size = parser_->content_length();
  return size && *size > limit;
}

std::size_t request_reader::body_size(std::size_t limit) const {
  const auto size = parser_->content_length();
  return size ? static_cast<std::size_t>(*size) : limit;
}

void request_reader::begin_body(std::size_t limit) {
  parser_->body_limit(limit);
  parser_->on_chunk_header(extensions_ = {});
  if (const auto size = parser_->content_length())  // read a large body in large pieces
    buffer_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*size, max_unparsed)));
}

bool request_reader::is_over_limit(const error_code& ec) {
  return ec == http::error::body_limit;
}

bool request_reader::is_malformed(const error_code& ec) {
  return ec.category() == make_error_code(http::error::end_of_stream).category() &&
         ec != http::error::end_of_stream && ec != http::error::partial_message;
}

}  // namespace emostream::net
