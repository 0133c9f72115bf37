#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/asio.hpp"
#include "net/http/http_context.hpp"
#include "net/http/request_reader.hpp"
#include "net/http/response_writer.hpp"
#include "net/memory_budget.hpp"
#include "net/stream.hpp"

namespace emostream::net {

/// One HTTP/1.1 connection: reads a request, has it dispatched, responds, and repeats. It keeps itself alive
/// until it is closed or upgraded to a websocket_connection.
class http_connection : public std::enable_shared_from_this<http_connection> {
 public:
  http_connection(http_context& c, stream io, asio::ip::address peer, connection_slot slot);
  ~http_connection();

  void start();
  /// Responds with this error without reading a request, and closes. Only for connections without TLS.
  void reject(int status, std::string_view message);
  /// Serves one request to one of options::reserved_paths, and closes.
  void start_reserved();
  /// Closes, unless a request is being handled. True if it is closed.
  bool close_unused();
  /// Closes now if no request is in progress, otherwise after its response.
  void drain();

 private:
  enum class state { handshake, idle, header, body, answering, writing, lingering, closed };
  class pending_response;

  [[nodiscard]] bool may_request(const request_head& head) const;
  void start_handshake();
  void on_handshake(error_code ec);
  void next_request();
  void watch();
  void on_readable();

  void read_header();
  void receive_header();
  void scan_header();
  void on_header();
  void read_body();
  void receive_body();
  void on_body(result<std::string> body);

  void execute(request_plan plan);
  void decide(plan::immediate plan, const header_list& headers);
  void upgrade(plan::upgrade plan);

  void respond_error(int status, std::string_view message);
  void abort_body(int status, std::string_view message);
  void respond(http_response response);
  void on_response_written(error_code ec);
  void close();
  void notify_client_gone();

  void set_deadline(milliseconds timeout);
  void arm_timer();
  void on_timer();

  http_context& context_;
  connection_slot slot_;
  stream io_;
  asio::ip::address peer_;
  std::string remote_address_;
  steady_timer timer_;
  time_point deadline_ = time_point::max();
  time_point last_deadline_ = time_point::max();  // no deadline is later
  state state_ = state::idle;
  bool watching_ = false;  // a wait for the client's next byte, or its disconnect, is pending
  bool keep_alive_ = true;
  bool head_only_ = false;  // the request is HEAD: the response has no body
  bool draining_ = false;   // read no further request
  bool timed_out_ = false;  // reading the request was cancelled
  bool rejected_ = false;   // reject() was called
  bool reserved_ = false;   // start_reserved() was called
  request_reader reader_;
  memory_budget::share memory_;  // of the request's body
  response_writer writer_;
  plan::read_body plan_;
  std::string header_lines_;  // added to the response
};

}  // namespace emostream::net
