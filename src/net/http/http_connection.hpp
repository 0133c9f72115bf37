#pragma once

#include <memory>
#include <string_view>

#include "net/asio.hpp"
#include "net/http/http_context.hpp"
#include "net/stream.hpp"

namespace emostream::net {

/// One HTTP/1.1 connection: reads a request, has it dispatched, answers, and again. It keeps itself alive
/// until it is closed, or handed over to WebSocket.
class http_connection : public std::enable_shared_from_this<http_connection> {
 public:
  http_connection(context& c, stream io, asio::ip::address peer, connection_slot slot);
  ~http_connection();

  void start();
  /// Answers so, whatever is asked, and closes. Of a plain connection only.
  void turn_away(int status, std::string_view message);
  /// Closes now if no request is under way, else after its answer.
  void finish();

 private:
  class pending_answer;

  void shake_hands();
  void on_handshake(error_code ec);
  void next_request();
  void watch();
  void on_readable();
  void read_header();
  void receive_header();
  void scan_header();
  void on_header(error_code ec);
  void carry_out(request_plan what);
  void decide(plan::decided what);
  void read_body();
  void receive_body();
  void on_body(result<std::string> body);
  void refuse(int status, std::string_view message);
  void refuse_body(int status, std::string_view message);
  void respond(http_response response);
  void linger();
  void close();
  void set_deadline(milliseconds timeout);
  void keep_time();

  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::net
