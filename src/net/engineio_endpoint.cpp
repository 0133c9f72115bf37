#include "net/engineio_endpoint.hpp"

#include <utility>
#include <vector>

#include "engineio/error.hpp"
#include "engineio/handshake.hpp"
#include "net/engineio_session.hpp"
#include "net/websocket_connection.hpp"

namespace emostream::net {

engineio_endpoint::engineio_endpoint(context& c, session_factory factory)
    : context_(c), factory_(std::move(factory)) {}

engineio_endpoint::~engineio_endpoint() {
  abandon_all();
}

plan::answer engineio_endpoint::refuse(std::error_code why, bool upgrade) {
  const auto refusal = engineio::refusal_of(why);
  if (upgrade) return {http_response::of(refusal.status, "text/html", std::string(refusal.message)), true};
  if (refusal.status == 413) return {http_response{.status = 413}, true};
  return {http_response::of(refusal.status, "application/json", refusal.json())};
}

request_plan engineio_endpoint::plan_for(request_head head, bool upgrade) {
  const auto request = engineio::parse_request(head, upgrade);
  if (!request) return refuse(request.error(), upgrade);
  if (!request->sid) return open_session(std::move(head), upgrade);

  const auto it = sessions_.find(*request->sid);
  if (it == sessions_.end()) return refuse(make_error_code(engineio::error::unknown_session), upgrade);
  const auto& session = it->second;
  if (upgrade) return session->plan_upgrade(std::move(head));
  if (head.method == "GET") return session->plan_poll();
  if (head.method == "POST") return session->plan_post(head.header("content-type").value_or(""));
  return refuse(make_error_code(engineio::error::bad_request), upgrade);
}

request_plan engineio_endpoint::open_session(request_head head, bool upgrade) {
  if (context_.refusing_sessions) return plan::answer{http_response::error(503, "Shutting down"), true};
  const auto kind = upgrade ? engineio::transport::websocket : engineio::transport::polling;
  const auto session = std::make_shared<engineio_session>(*this, std::move(head), kind);
  sessions_.emplace(session->id(), session);
  ++context_.stats.sessions_opened;
  ++context_.stats.sessions_open;
  return session->plan_open();
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
  for (const auto& session : all) session->close(reason);
}

}  // namespace emostream::net
