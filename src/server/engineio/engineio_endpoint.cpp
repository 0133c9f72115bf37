#include "server/engineio/engineio_endpoint.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/guarded.hpp"
#include "engineio/error.hpp"
#include "server/engineio/engineio_context.hpp"
#include "server/engineio/pending_request.hpp"
#include "server/engineio/session_driver.hpp"

namespace emostream::server {

namespace plan = net::plan;
using net::http_response;

engineio_endpoint::engineio_endpoint(std::shared_ptr<engineio_context> context,
                                     engineio_session_factory factory)
    : context_(std::move(context)), factory_(std::move(factory)) {
  context_->endpoints.push_back(this);
}

engineio_endpoint::~engineio_endpoint() {
  abort();
  std::erase(context_->endpoints, this);
}

// Requests.

net::request_plan engineio_endpoint::plan_for(request_head head, bool upgrade) {
  const auto& opts = context_->opts;
  // As in the Node.js server, without WebSockets an upgrade request is a request like any other.
  upgrade = upgrade && engineio::is_enabled(engineio::transport::websocket, opts.protocol);
  const auto request = std::make_shared<const request_head>(std::move(head));
  if (opts.middlewares.empty())
    if (auto plan = plan_checked(request, upgrade))
      return std::visit([](auto& p) -> net::request_plan { return std::move(p); }, *plan);
  return std::make_shared<pending_request>(weak_from_this(), request, upgrade)->to_plan();
}

std::optional<plan::immediate> engineio_endpoint::plan_checked(const shared_request& request, bool upgrade) {
  const auto& opts = context_->opts;
  const auto parsed = engineio::parse_request(*request, upgrade, opts.protocol);
  if (!parsed) return reject(request, parsed.error(), upgrade);
  if (!parsed->sid) {
    if (opts.allow_request) return std::nullopt;
    return plan_session(request, upgrade);
  }

  const auto found = sessions_.find(*parsed->sid);
  if (found == sessions_.end()) return reject(request, engineio::error::unknown_session, upgrade);
  const auto session = found->second;
  if (parsed->transport != (upgrade ? engineio::transport::websocket : session->transport()))
    return reject(request, engineio::error::bad_request, upgrade);
  if (upgrade)
    return session->plan_upgrade(request,
                                 engineio::parse_codec(*request, opts.protocol).value_or(engineio::codec()));
  if (request->method == "GET") return session->plan_poll(*request);
  if (request->method == "POST") return session->plan_post(request->header("content-type").value_or(""));
  return rejection(engineio::error::bad_request, upgrade);
}

plan::answer engineio_endpoint::reject_origin(const request_head& head, bool upgrade) {
  if (engineio::opens_session(head)) {
    ++context_->stats.sessions_forbidden;
    context_->rejections.log("cors_origins", head.remote_address);
  }
  return reject(std::make_shared<const request_head>(head), engineio::error::forbidden, upgrade);
}

void engineio_endpoint::add_headers(const request_head& head, net::header_list& headers) {
  if (context_->opts.add_headers) context_->opts.add_headers(head, engineio::opens_session(head), headers);
}

// Rejections.

plan::answer engineio_endpoint::rejection(std::error_code error, bool upgrade) {
  const auto response = engineio::error_response_of(error);
  if (upgrade) return {http_response::of(response.status, "text/html", std::string(response.message)), true};
  if (response.status == 413) return {http_response{.status = 413}, true};
  return {http_response::of(response.status, "application/json", response.json())};
}

plan::answer engineio_endpoint::reject(const shared_request& request, std::error_code error, bool upgrade,
                                       std::string context) {
  const auto [status, code, message] = engineio::error_response_of(error);
  report({request, code, message, context.empty() ? error.message() : std::move(context)});
  return rejection(error, upgrade);
}

plan::answer engineio_endpoint::forbid(const shared_request& request, std::string reason, bool upgrade) {
  if (engineio::opens_session(*request)) ++context_->stats.sessions_forbidden;
  const auto [status, code, message] = engineio::error_response_of(engineio::error::forbidden);
  report({request, code, message, reason});
  if (upgrade) return {http_response::of(400, "text/html", std::move(reason)), true};
  return {http_response::of(status, "application/json",
                            boost::json::serialize(boost::json::value{{"code", code}, {"message", reason}}))};
}

/// The response to a request for a session over a limit.
plan::answer engineio_endpoint::reject_over_limit(const shared_request& request, int status,
                                                  std::string_view message, std::string_view reason,
                                                  bool upgrade) {
  ++context_->stats.sessions_refused;
  context_->rejections.log(reason, request->remote_address);
  report({request, status, message, std::string(reason)});
  return {http_response::error(status, message), upgrade};
}

void engineio_endpoint::report(const connection_error& error) const {
  if (const auto& handler = context_->opts.on_connection_error)
    guarded("on_connection_error", [&] { handler(error); });
}

// Opening a session.

plan::immediate engineio_endpoint::plan_session(const shared_request& request, bool upgrade) {
  const auto codec = engineio::parse_codec(*request, context_->opts.protocol);
  if (!codec) return reject(request, codec.error(), upgrade);
  return upgrade ? plan_websocket(request, *codec) : plan_handshake(request, *codec);
}

plan::immediate engineio_endpoint::plan_handshake(const shared_request& request, engineio::codec codec) {
  // The session is opened once the body has been read, so that an incomplete request does not create one.
  return plan::read_body{
      .limit = 0,
      .then =
          [this, request, codec](const result<std::string>& body, net::http_responder respond) {
            if (!body) return respond(reject(request, engineio::error::payload_too_large, false).response);
            const auto session = open_session(request, engineio::transport::polling, codec);
            if (!session) return respond(session.error().response);
            (*session)->poll(std::move(respond), net::content_coding::identity);
          },
      .client_gone = {}};
}

plan::immediate engineio_endpoint::plan_websocket(const shared_request& request, engineio::codec codec) {
  auto session = open_session(request, engineio::transport::websocket, codec);
  if (!session) return std::move(session.error());
  return (*session)->plan_websocket();
}

/// The new session, or the response that rejects it.
std::expected<std::shared_ptr<session_driver>, plan::answer> engineio_endpoint::open_session(
    const shared_request& request, engineio::transport first, engineio::codec codec) {
  auto& c = *context_;
  const bool upgrade = first == engineio::transport::websocket;
  if (c.rejecting_sessions || c.stats.sessions_open >= c.opts.max_sessions)
    return std::unexpected(reject_over_limit(request, 503, "No new sessions at present",
                                             c.rejecting_sessions ? "shutting_down" : "max_sessions",
                                             upgrade));
  auto slot = slot_for(*request);
  if (!slot) {
    ++c.stats.session_address_refusals;
    return std::unexpected(reject_over_limit(request, 429, "Too many sessions from your address",
                                             "max_sessions_per_address", upgrade));
  }
  auto id = generate_id(*request);
  if (!id)
    return std::unexpected(reject(request, engineio::error::bad_request, upgrade, "no valid session id"));
  auto session =
      std::make_shared<session_driver>(*this, std::move(*id), request, first, codec, std::move(*slot));
  sessions_.emplace(session->id(), session);
  ++c.stats.sessions_opened;
  ++c.stats.sessions_open;
  return session;
}

/// The id of a new session; nullopt if the function that the application has set fails.
std::optional<std::string> engineio_endpoint::generate_id(const request_head& head) const {
  const auto& generate = context_->opts.generate_id;
  if (!generate) return engineio::make_session_id();
  std::string id;
  if (!guarded("generate_id", [&] { id = generate(head); })) return std::nullopt;
  const auto has_id = [&id](const auto* endpoint) { return endpoint->has_session(id); };
  if (engineio::is_valid_session_id(id) && std::ranges::none_of(context_->endpoints, has_id)) return id;
  context_->rejections.log("invalid_session_id", head.remote_address);
  return std::nullopt;
}

/// A slot for one more session of the client's address; nullopt if the address is at its limit. Counts
/// nothing for the address of a trusted proxy.
std::optional<net::address_counter::slot> engineio_endpoint::slot_for(const request_head& head) {
  if (context_->http.is_trusted_proxy(head.remote_address)) return net::address_counter::slot();
  return context_->sessions_by_address.take(head.remote_address);
}

std::unique_ptr<engineio_session_handler> engineio_endpoint::create_handler(
    std::shared_ptr<engineio_session> s) {
  return factory_(std::move(s));
}

void engineio_endpoint::remove(const std::string& id) {
  if (sessions_.erase(id) != 0) --context_->stats.sessions_open;
}

void engineio_endpoint::on_session_ended() {
  if (drained_ && sessions_.empty()) std::exchange(drained_, nullptr)();
}

void engineio_endpoint::drain(std::move_only_function<void()> drained) {
  context_->rejecting_sessions = true;
  drained_ = std::move(drained);
  std::vector<std::shared_ptr<session_driver>> all;  // closing changes sessions_
  for (const auto& [id, session] : sessions_) all.push_back(session);
  for (const auto& session : all) session->drain();
  on_session_ended();
}

void engineio_endpoint::abort() {
  for (const auto& [id, session] : std::exchange(sessions_, {})) session->abort();
}

}  // namespace emostream::server
