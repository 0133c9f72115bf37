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
#include "server/engineio/connection_error.hpp"
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

  [[nodiscard]] engineio_context& context() const { return *context_; }

  // Called for requests that wait for the application.

  /// How to handle a request that the middlewares have passed; nullopt if allow_request decides.
  std::optional<net::plan::immediate> plan_checked(const shared_request& request, bool upgrade);
  /// Opens a session for a request that allow_request has passed.
  net::plan::immediate plan_session(const shared_request& request, bool upgrade);
  /// The response to a rejected request, about which on_connection_error is called. If `context` is empty, it
  /// is the error's message.
  net::plan::answer reject(const shared_request& request, std::error_code error, bool upgrade,
                           std::string context = {});
  /// The same for a request that allow_request has rejected with this message.
  net::plan::answer forbid(const shared_request& request, std::string reason, bool upgrade);

  // Called by its sessions.

  /// The response to a request with this error. For an upgrade its body is only the message, as from the
  /// Node.js server.
  static net::plan::answer rejection(std::error_code error, bool upgrade);
  [[nodiscard]] bool has_session(std::string_view id) const { return sessions_.contains(id); }
  std::unique_ptr<engineio_session_handler> create_handler(std::shared_ptr<engineio_session> s);
  /// Removes a session that has closed.
  void remove(const std::string& id);
  /// Call after the handler of a removed session has been notified.
  void on_session_ended();

 private:
  net::plan::immediate plan_handshake(const shared_request& request, engineio::codec codec);
  net::plan::immediate plan_websocket(const shared_request& request, engineio::codec codec);
  std::expected<std::shared_ptr<session_driver>, net::plan::answer> open_session(
      const shared_request& request, engineio::transport first, engineio::codec codec);
  net::plan::answer reject_over_limit(const shared_request& request, int status, std::string_view message,
                                      std::string_view reason, bool upgrade);
  void report(const connection_error& error) const;
  std::optional<net::address_counter::slot> slot_for(const request_head& head);
  std::optional<std::string> generate_id(const request_head& head) const;

  std::shared_ptr<engineio_context> context_;
  engineio_session_factory factory_;
  std::unordered_map<std::string_view, std::shared_ptr<session_driver>> sessions_;  // by the session's id()
  std::move_only_function<void()> drained_;  // set by drain(), called when the last session has ended
};

}  // namespace emostream::server
