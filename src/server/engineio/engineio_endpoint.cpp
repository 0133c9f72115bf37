#include "server/engineio/engineio_endpoint.hpp"

#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/guarded.hpp"
#include "engineio/error.hpp"
#include "server/engineio/engineio_context.hpp"
#include "server/engineio/session_driver.hpp"

namespace emostream::server {

namespace plan = net::plan;
using net::http_response;

engineio_endpoint::engineio_endpoint(std::shared_ptr<engineio_context> context,
                                     engineio_session_factory factory)
    : context_(std::move(context)), factory_(std::move(factory)) {}

engineio_endpoint::~engineio_endpoint() {
  abort();
}

plan::answer engineio_endpoint::rejection(std::error_code error, bool upgrade) {
  const auto response = engineio::error_response_of(error);
  if (upgrade) return {http_response::of(response.status, "text/html", std::string(response.message)), true};
  if (response.status == 413) return {http_response{.status = 413}, true};
  return {http_response::of(response.status, "application/json", response.json())};
}

net::request_plan engineio_endpoint::plan_for(request_head head, bool upgrade) {
  const auto& opts = context_->opts.protocol;
  // As in the Node.js server, without WebSockets an upgrade request is a request like any other.
  upgrade = upgrade && engineio::is_enabled(engineio::transport::websocket, opts);
  const auto request = engineio::parse_request(head, upgrade, opts);
  if (!request) return rejection(request.error(), upgrade);
  if (!request->sid) {
    if (context_->opts.allow_request) return plan_admission(std::move(head), upgrade);
    return std::visit([](auto&& p) -> net::request_plan { return std::move(p); },
                      plan_session(std::move(head), upgrade));
  }

  const auto it = sessions_.find(*request->sid);
  if (it == sessions_.end()) return rejection(make_error_code(engineio::error::unknown_session), upgrade);
  const auto session = it->second;
  if (request->transport != (upgrade ? engineio::transport::websocket : session->transport()))
    return rejection(make_error_code(engineio::error::bad_request), upgrade);
  if (upgrade) {
    const auto codec = engineio::parse_codec(head, opts).value_or(engineio::codec());
    return session->plan_upgrade(std::move(head), codec);
  }
  if (head.method == "GET") return session->plan_poll(head);
  if (head.method == "POST") return session->plan_post(head.header("content-type").value_or(""));
  return rejection(make_error_code(engineio::error::bad_request), upgrade);
}

plan::answer engineio_endpoint::reject_origin(const request_head& head, bool upgrade) {
  if (engineio::opens_session(head)) {
    ++context_->stats.sessions_forbidden;
    context_->rejections.log("cors_origins", head.remote_address);
  }
  return rejection(make_error_code(engineio::error::forbidden), upgrade);
}

void engineio_endpoint::add_headers(const request_head& head, net::header_list& headers) {
  if (context_->opts.add_headers) context_->opts.add_headers(head, engineio::opens_session(head), headers);
}

/// A request that waits for allow_request's answer. Its HTTP connection owns it: once the connection is
/// closed, the answer has no effect.
struct engineio_endpoint::pending_admission {
  request_head head;
  bool upgrade;
  std::move_only_function<void(plan::immediate)> decide;
  net::timer timeout;
};

net::request_plan engineio_endpoint::plan_admission(request_head head, bool upgrade) {
  auto pending = std::make_shared<pending_admission>(pending_admission{std::move(head), upgrade, {}, {}});
  const auto answer = [endpoint = weak_from_this(),
                       weak = std::weak_ptr(pending)](std::optional<std::string> rejection) {
    const auto self = endpoint.lock();
    const auto request = weak.lock();
    if (!self || !request) return;
    if (auto decide = std::exchange(request->decide, nullptr))
      decide(self->plan_after_admission(*request, std::move(rejection)));
  };
  return plan::deferred{
      .start =
          [this, answer, pending](auto decide) {
            pending->decide = std::move(decide);
            pending->timeout = context_->http.call_after(context_->opts.admission_timeout,
                                                         [answer] { answer("Forbidden"); });
            // If it throws, destroying its admission rejects the request.
            guarded("allow_request", [&] { context_->opts.allow_request(pending->head, admission(answer)); });
          },
      .client_gone = [pending] { pending->decide = nullptr; }};
}

plan::immediate engineio_endpoint::plan_after_admission(pending_admission& pending,
                                                        std::optional<std::string> rejection) {
  if (!rejection) return plan_session(std::move(pending.head), pending.upgrade);
  ++context_->stats.sessions_forbidden;
  if (pending.upgrade) return plan::answer{http_response::of(400, "text/html", std::move(*rejection)), true};
  const auto [status, code, message] =
      engineio::error_response_of(make_error_code(engineio::error::forbidden));
  return plan::answer{
      http_response::of(status, "application/json",
                        boost::json::serialize(boost::json::value{{"code", code}, {"message", *rejection}}))};
}

plan::immediate engineio_endpoint::plan_session(request_head head, bool upgrade) {
  const auto codec = engineio::parse_codec(head, context_->opts.protocol);
  if (!codec) return rejection(codec.error(), upgrade);
  if (upgrade) return plan_websocket(std::move(head), *codec);
  return plan_handshake(std::move(head), *codec);
}

plan::immediate engineio_endpoint::plan_handshake(request_head head, engineio::codec codec) {
  // The session is opened once the body has been read, so that an incomplete request does not create one.
  return plan::read_body{
      .limit = 0,
      .then =
          [this, codec, head = std::move(head)](const result<std::string>& body,
                                                net::http_responder respond) mutable {
            if (!body)
              return respond(rejection(make_error_code(engineio::error::payload_too_large), false).response);
            const auto session = open_session(std::move(head), engineio::transport::polling, codec);
            if (!session) return respond(session.error());
            (*session)->poll(std::move(respond), net::content_coding::identity);
          },
      .client_gone = {}};
}

plan::immediate engineio_endpoint::plan_websocket(request_head head, engineio::codec codec) {
  const auto session = open_session(std::move(head), engineio::transport::websocket, codec);
  if (!session) return plan::answer{session.error(), true};
  return (*session)->plan_websocket();
}

/// The new session, or the response that rejects it.
std::expected<std::shared_ptr<session_driver>, http_response> engineio_endpoint::open_session(
    request_head head, engineio::transport first, engineio::codec codec) {
  auto& c = *context_;
  if (c.rejecting_sessions || c.stats.sessions_open >= c.opts.max_sessions) {
    ++c.stats.sessions_refused;
    c.rejections.log(c.rejecting_sessions ? "shutting_down" : "max_sessions", head.remote_address);
    return std::unexpected(http_response::error(503, "No new sessions at present"));
  }
  auto slot = slot_for(head);
  if (!slot) {
    ++c.stats.sessions_refused;
    ++c.stats.session_address_refusals;
    c.rejections.log("max_sessions_per_address", head.remote_address);
    return std::unexpected(http_response::error(429, "Too many sessions from your address"));
  }
  auto session = std::make_shared<session_driver>(*this, std::move(head), first, codec, std::move(*slot));
  sessions_.emplace(session->id(), session);
  ++c.stats.sessions_opened;
  ++c.stats.sessions_open;
  return session;
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
