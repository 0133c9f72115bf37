#include "net/engineio_endpoint.hpp"

#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/spdlog.h>

#include "engineio/error.hpp"
#include "engineio/handshake.hpp"
#include "net/engineio_session.hpp"
#include "net/websocket/websocket_connection.hpp"

namespace emostream::net {

namespace {}  // namespace

engineio_endpoint::engineio_endpoint(context& c, session_factory factory)
    : context_(c), factory_(std::move(factory)) {}

engineio_endpoint::~engineio_endpoint() {
  abandon_all();
}

plan::answer engineio_endpoint::refuse(std::error_code why, bool upgrade) {
  const auto refusal = engineio::error_response_of(why);
  if (upgrade) return {http_response::of(refusal.status, "text/html", std::string(refusal.message)), true};
  if (refusal.status == 413) return {http_response{.status = 413}, true};
  return {http_response::of(refusal.status, "application/json", refusal.json())};
}

request_plan engineio_endpoint::plan_for(request_head head, bool upgrade) {
  const auto request = engineio::parse_request(head, upgrade, context_.opts.engineio);
  if (!request) return refuse(request.error(), upgrade);
  const auto codec = request->codec;
  if (!request->sid) {
    if (context_.opts.allow_request) return plan_verdict(std::move(head), upgrade, codec);
    return std::visit([](auto&& p) -> request_plan { return std::move(p); },
                      plan_session(std::move(head), upgrade, codec));
  }

  const auto it = sessions_.find(*request->sid);
  if (it == sessions_.end()) return refuse(make_error_code(engineio::error::unknown_session), upgrade);
  const auto& session = it->second;
  if (upgrade) return session->plan_upgrade(std::move(head), codec);
  if (head.method == "GET") return session->plan_poll(head);
  if (head.method == "POST") return session->plan_post(head.header("content-type").value_or(""));
  return refuse(make_error_code(engineio::error::bad_request), upgrade);
}

/// A request that waits for the application's verdict. Its connection owns it: without that, the verdict
/// reaches nobody.
struct engineio_endpoint::candidate {
  request_head head;
  bool upgrade;
  engineio::codec codec;
  std::move_only_function<void(plan::decided)> tell;
  steady_timer patience;
};

request_plan engineio_endpoint::plan_verdict(request_head head, bool upgrade, engineio::codec codec) {
  auto c = std::make_shared<candidate>(
      candidate{std::move(head), upgrade, codec, {}, steady_timer(context_.io.get_executor())});
  const auto say = [this, weak = std::weak_ptr(c)](std::optional<std::string> refusal) {
    const auto judged = weak.lock();
    if (!judged || context_.torn_down) return;
    if (auto tell = std::exchange(judged->tell, nullptr)) tell(plan_judged(*judged, std::move(refusal)));
  };
  return plan::later{.start =
                         [this, say, c](auto tell) {
                           c->tell = std::move(tell);
                           c->patience.expires_after(context_.opts.verdict_timeout);
                           c->patience.async_wait([say](error_code ec) {
                             if (!ec) say("Forbidden");
                           });
                           try {
                             context_.opts.allow_request(c->head, verdict(say));
                           } catch (const std::exception& e) {
                             spdlog::error("allow_request failed: {}", e.what());  // and so has refused
                           }
                         },
                     .client_gone = [c] { c->tell = nullptr; }};
}

plan::decided engineio_endpoint::plan_judged(candidate& c, std::optional<std::string> refusal) {
  if (!refusal) return plan_session(std::move(c.head), c.upgrade, c.codec);
  ++context_.stats.sessions_forbidden;
  if (c.upgrade) return plan::answer{http_response::of(400, "text/html", std::move(*refusal)), true};
  const auto [status, code, message] =
      engineio::error_response_of(make_error_code(engineio::error::forbidden));
  return plan::answer{
      http_response::of(status, "application/json",
                        boost::json::serialize(boost::json::value{{"code", code}, {"message", *refusal}}))};
}

plan::decided engineio_endpoint::plan_session(request_head head, bool upgrade, engineio::codec codec) {
  if (upgrade) return plan_websocket(std::move(head), codec);
  return plan_handshake(std::move(head), codec);
}

plan::decided engineio_endpoint::plan_handshake(request_head head, engineio::codec codec) {
  // The session begins when its request is complete: one that is not leaves nothing behind.
  return plan::read_body{.limit = 0,
                         .then =
                             [this, codec, head = std::move(head)](const result<std::string>& body,
                                                                   http_responder respond) mutable {
                               if (!body) return respond(refuse(body.error(), false).response);
                               const auto session =
                                   open_session(std::move(head), engineio::transport::polling, codec);
                               if (!session) return respond(session.error());
                               (*session)->poll(std::move(respond), content_coding::identity);
                             },
                         .client_gone = {}};
}

plan::decided engineio_endpoint::plan_websocket(request_head head, engineio::codec codec) {
  const auto session = open_session(std::move(head), engineio::transport::websocket, codec);
  if (!session) return plan::answer{session.error(), true};
  return (*session)->plan_websocket();
}

std::expected<std::shared_ptr<engineio_session>, http_response> engineio_endpoint::open_session(
    request_head head, engineio::transport first, engineio::codec codec) {
  if (context_.refusing_sessions || context_.stats.sessions_open >= context_.opts.max_sessions) {
    ++context_.stats.sessions_refused;
    context_.log_refusal("connection refused", context_.refusing_sessions ? "shutting_down" : "max_sessions",
                         head.remote_address);
    return std::unexpected(http_response::error(503, "No new sessions at present"));
  }
  auto slot = slot_for(head);
  if (!slot) {
    ++context_.stats.sessions_refused;
    ++context_.stats.address_refusals;
    ++context_.stats.session_address_refusals;
    context_.log_refusal("connection refused", "max_sessions_per_address", head.remote_address);
    return std::unexpected(http_response::error(429, "Too many sessions from your address"));
  }
  auto session = std::make_shared<engineio_session>(*this, std::move(head), first, codec);
  session->hold(std::move(*slot));
  sessions_.emplace(session->id(), session);
  ++context_.stats.sessions_opened;
  ++context_.stats.sessions_open;
  return session;
}

/// For one more session of the client's address.
std::optional<address_counter::slot> engineio_endpoint::slot_for(const request_head& head) {
  error_code ec;
  const auto client = asio::ip::make_address(head.remote_address, ec);
  if (ec || context_.proxies.contains(client)) return address_counter::slot();
  return context_.sessions_of.take(client);
}

std::unique_ptr<session_handler> engineio_endpoint::introduce(std::shared_ptr<session> s) {
  return factory_(std::move(s));
}

void engineio_endpoint::forget(const std::string& id) {
  if (sessions_.erase(id) != 0) --context_.stats.sessions_open;
}

void engineio_endpoint::abandon_all() {
  for (const auto& [id, session] : std::exchange(sessions_, {})) session->abandon();
}

void engineio_endpoint::close_all(engineio::close_reason reason) {
  std::vector<std::shared_ptr<engineio_session>> all;  // closing changes sessions_
  for (const auto& [id, session] : sessions_) all.push_back(session);
  for (const auto& session : all) session->drain(reason);
}

}  // namespace emostream::net
