#include "service/application.hpp"

#include <any>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace emostream::service {

namespace json = boost::json;

application::application(options limits, const auth::token_authority& tokens, model_info model,
                         pipeline::frame_queue& queue, stream_opener open_stream, post_function post,
                         clocks clock)
    : tokens_(tokens),
      accounts_(limits.account),
      services_(std::make_shared<services>(limits, std::move(model), std::move(clock), std::move(post), queue,
                                           std::move(open_stream), tokens.leeway())) {}

application::~application() = default;

void application::attach(socketio::server_namespace& nsp) {
  nsp.use([this](const std::shared_ptr<socketio::socket>& socket, const socketio::next& next) {
    admit(socket, next);
  });
  nsp.on_connection([this](const std::shared_ptr<socketio::socket>& socket) { welcome(socket); });
}

void application::admit(const std::shared_ptr<socketio::socket>& socket, const socketio::next& next) {
  std::string_view account_name;
  const auto refuse = [&](std::string message, std::string_view code, json::object more = {}) {
    ++services_->counters.refused_connections[code];
    if (const auto held_back = services_->may_log(code))
      log::warn("session refused", {{"reason", code},
                                    {"user", account_name},
                                    {"address", socket->handshake().request->remote_address},
                                    {"suppressed", *held_back}});
    more["code"] = code;
    next(socketio::connect_error{.message = std::move(message), .data = std::move(more)});
  };
  if (services_->draining) return refuse("Server is shutting down", "SHUTTING_DOWN");

  const json::value* token = socket->handshake().auth.if_contains("token");
  if (!token || token->is_null() || *token == "") return refuse("Authentication required", "AUTH_REQUIRED");
  auto claims = token->is_string() ? tokens_.verify(token->get_string(), services_->clock.wall())
                                   : result<auth::claims>(failure(auth::token_error::malformed));
  if (!claims) {
    spdlog::debug("token refused: {}", claims.error().message());
    const bool expired = claims.error() == auth::token_error::expired;
    return refuse("Authentication failed", expired ? "TOKEN_EXPIRED" : "AUTH_FAILED");
  }

  account_name = claims->subject;
  auto ticket = accounts_.enter(claims->subject);
  if (!ticket)
    return refuse("Too many connections for this account", "CONNECTION_LIMIT",
                  {{"limit", accounts_.limits().max_connections}});
  socket->data = std::make_shared<admission>(std::move(*claims), std::move(*ticket));
  next();
}

void application::welcome(const std::shared_ptr<socketio::socket>& socket) {
  const auto admitted = std::any_cast<std::shared_ptr<admission>>(std::exchange(socket->data, {}));
  ++services_->counters.connections;
  // An account that comes and goes all the time is none to fill the log with.
  const bool told = admitted->ticket.of().may_log(services_->clock.steady());
  const auto level = told ? spdlog::level::info : spdlog::level::debug;
  const auto made =
      std::make_shared<session>(services_, socket, std::move(admitted->claims), std::move(admitted->ticket));
  sessions_.emplace(socket->id(), made);
  log::write(level, "session opened",
             {{"session", socket->id()},
              {"user", made->user_id()},
              {"address", socket->handshake().request->remote_address},
              {"transport", socket->transport()}});
  socket->on_disconnect([this, level, id = socket->id()](socketio::disconnect_reason why) {
    const auto gone = sessions_.extract(id);
    const session& s = *gone.mapped();
    const auto lived = std::chrono::floor<std::chrono::seconds>(services_->clock.wall() - s.connected_at());
    log::write(level, "session closed",
               {{"session", id},
                {"user", s.user_id()},
                {"reason", s.ended_for().empty() ? why : s.ended_for()},
                {"seconds", lived.count()}});
  });
  made->start();
}

void application::on_time() {
  accounts_.forget_idle(services_->clock.steady());
  std::vector<std::shared_ptr<session>> all;  // a session that ends leaves sessions_
  all.reserve(sessions_.size());
  for (const auto& [id, s] : sessions_) all.push_back(s);
  for (const auto& s : all) s->on_time();
}

void application::drain(std::move_only_function<void()> done) {
  services_->draining = true;
  services_->on_idle = std::move(done);
  services_->tell_if_idle();
}

application_stats application::stats() const {
  application_stats now{.sessions = sessions_.size(),
                        .accounts = accounts_.size(),
                        .rooms = services_->rooms.size(),
                        .frames_in_work = services_->frames_in_work,
                        .bytes_in_flight = services_->budget.used(),
                        .max_bytes_in_flight = services_->budget.limit(),
                        .since_start = services_->counters};
  for (const auto& [id, s] : sessions_) {
    if (!s->is_processing()) continue;
    ++now.processing;
    now.advised_fps += s->target_fps();
  }
  return now;
}

}  // namespace emostream::service
