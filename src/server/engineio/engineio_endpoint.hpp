#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "engineio/handshake.hpp"
#include "net/address.hpp"
#include "net/http/http_endpoint.hpp"
#include "server/engineio/engineio_session.hpp"

namespace emostream::server {

struct engineio_context;
class session_driver;

/// The sessions of one mounted Engine.IO path.
class engineio_endpoint final : public net::http_endpoint,
                                public std::enable_shared_from_this<engineio_endpoint> {
 public:
  engineio_endpoint(std::shared_ptr<engineio_context> context, engineio_session_factory factory);
  ~engineio_endpoint() override;
  engineio_endpoint(const engineio_endpoint&) = delete;
  engineio_endpoint& operator=(const engineio_endpoint&) = delete;

  // http_endpoint
  net::request_plan plan_for(request_head head, bool upgrade) override;
  net::plan::answer reject_origin(const request_head& head, bool upgrade) override;
  void add_headers(const request_head& head, net::header_list& headers) override;
  void drain(std::move_only_function<void()> drained) override;
  void abort() override;

  // Called by its sessions.

  [[nodiscard]] engineio_context& context() const { return *context_; }
  /// The response to a request with this error. For an upgrade its body is only the message, as from the
  /// Node.js server.
  static net::plan::answer rejection(std::error_code error, bool upgrade);
  std::unique_ptr<engineio_session_handler> create_handler(std::shared_ptr<engineio_session> s);
  /// Removes a session that has closed.
  void remove(const std::string& id);
  /// Call after the handler of a removed session has been notified.
  void on_session_ended();

 private:
  struct pending_admission;
  net::request_plan plan_admission(request_head head, bool upgrade);
  net::plan::immediate plan_after_admission(pending_admission& pending, std::optional<std::string> rejection);
  net::plan::immediate plan_session(request_head head, bool upgrade);
  net::plan::immediate plan_handshake(request_head head, engineio::codec codec);
  net::plan::immediate plan_websocket(request_head head, engineio::codec codec);
  std::expected<std::shared_ptr<session_driver>, net::http_response> open_session(request_head head,
                                                                                  engineio::transport first,
                                                                                  engineio::codec codec);
  std::optional<net::address_counter::slot> slot_for(const request_head& head);

  std::shared_ptr<engineio_context> context_;
  engineio_session_factory factory_;
  std::unordered_map<std::string_view, std::shared_ptr<session_driver>> sessions_;  // by the session's id()
  std::move_only_function<void()> drained_;  // set by drain(), called when the last session has ended
};

}  // namespace emostream::server
