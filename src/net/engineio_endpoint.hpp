#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engineio/handshake.hpp"
#include "net/http/http_context.hpp"
#include "net/http/request_plan.hpp"
#include "net/session.hpp"

namespace emostream::net {

class engineio_session;

/// The sessions of one mounted Engine.IO path.
class engineio_endpoint {
 public:
  engineio_endpoint(context& c, session_factory factory);
  ~engineio_endpoint();
  engineio_endpoint(const engineio_endpoint&) = delete;
  engineio_endpoint& operator=(const engineio_endpoint&) = delete;

  /// Decides on a request to its path, whose origin is welcome.
  request_plan plan_for(request_head head, bool upgrade);

  /// The refusal as an answer; that of an upgrade is plain text, as the Node server's.
  static plan::answer refuse(std::error_code why, bool upgrade);

  void close_all(engineio::close_reason reason);
  /// Forgets the sessions that are left, whose handlers hear `server shutting down`.
  void abandon_all();

 private:
  friend class engineio_session;

  struct candidate;
  request_plan plan_verdict(request_head head, bool upgrade, engineio::codec codec);
  plan::decided plan_judged(candidate& c, std::optional<std::string> refusal);
  plan::decided plan_session(request_head head, bool upgrade, engineio::codec codec);
  plan::decided plan_handshake(request_head head, engineio::codec codec);
  plan::decided plan_websocket(request_head head, engineio::codec codec);
  /// Else the answer that refuses it.
  std::expected<std::shared_ptr<engineio_session>, http_response> open_session(request_head head,
                                                                               engineio::transport first,
                                                                               engineio::codec codec);
  std::optional<address_counter::slot> slot_for(const request_head& head);
  std::unique_ptr<session_handler> introduce(std::shared_ptr<session> s);
  void forget(const std::string& id);

  context& context_;
  session_factory factory_;
  std::unordered_map<std::string_view, std::shared_ptr<engineio_session>> sessions_;  // keys: their own ids
};

}  // namespace emostream::net
