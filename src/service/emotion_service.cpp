#include "service/emotion_service.hpp"

#include <any>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace emostream::service {

namespace json = boost::json;

emotion_service::emotion_service(service_options options, const auth::token_authority& tokens,
                                 vision::model_info model, pipeline::frame_queue& queue,
                                 analyzer_factory make_analyzer, post_function post, clocks clock)
    : tokens_(tokens),
      accounts_(options.account),
      shared_(std::make_shared<shared_state>(options, std::move(model), std::move(clock), std::move(post),
                                             queue, std::move(make_analyzer), tokens.leeway())) {}

emotion_service::~emotion_service() = default;

void emotion_service::attach(socketio::server_namespace& nsp) {
  nsp.use([this](const std::shared_ptr<socketio::socket>& socket, const socketio::next& next) {
    authenticate(socket, next);
  });
  nsp.on_connection([this](const std::shared_ptr<socketio::socket>& socket) { on_connect(socket); });
}

void emotion_service::authenticate(const std::shared_ptr<socketio::socket>& socket,
                                   const socketio::next& next) {
  std::string_view account_name;
  std::string detail;  // why the token is rejected
  const auto reject = [&](std::string message, std::string_view code, json::object data = {}) {
    shared_->counters.rejected_connections.increment(code);
    if (const auto suppressed = shared_->may_log(code))
      log::warn("session refused", {{"reason", code},
                                    {"detail", detail},
                                    {"user", account_name},
                                    {"address", socket->handshake().request->remote_address},
                                    {"suppressed", *suppressed}});
    data["code"] = code;
    next(socketio::connect_error{.message = std::move(message), .data = std::move(data)});
  };
  if (shared_->draining) return reject("Server is shutting down", connect_code::shutting_down);

  const json::value* token = socket->handshake().auth.if_contains("token");
  if (!token || token->is_null() || *token == "")
    return reject("Authentication required", connect_code::auth_required);
  auto claims = token->is_string() ? tokens_.verify(token->get_string(), shared_->clock.wall())
                                   : result<auth::claims>(failure(auth::token_error::malformed));
  if (!claims) {
    detail = claims.error().message();
    const bool expired = claims.error() == auth::token_error::expired;
    return reject(
        shared_->options.explain_token_errors ? "Authentication failed: " + detail : "Authentication failed",
        expired ? connect_code::token_expired : connect_code::auth_failed);
  }

  account_name = claims->subject;
  if (!accounts_.find_or_create(claims->subject)->charge_event(shared_->clock.steady()))
    return reject("Too many connections a second for this account", connect_code::rate_limited);
  auto permit = accounts_.acquire(claims->subject);
  if (!permit)
    return reject("Too many connections for this account", connect_code::connection_limit,
                  {{"limit", accounts_.limits().max_connections}});
  socket->data = std::make_shared<admission>(std::move(*claims), std::move(*permit));
  next();
}

void emotion_service::on_connect(const std::shared_ptr<socketio::socket>& socket) {
  const auto admitted = std::any_cast<std::shared_ptr<admission>>(std::exchange(socket->data, {}));
  ++shared_->counters.sessions_opened;
  // Rate-limit the log lines of accounts that reconnect constantly.
  const bool may_log = admitted->permit.owner().may_log(shared_->clock.steady());
  const auto level = may_log ? spdlog::level::info : spdlog::level::debug;
  const auto session = std::make_shared<client_session>(shared_, socket, std::move(admitted->claims),
                                                        std::move(admitted->permit));
  sessions_.emplace(socket->id(), session);
  log::write(level, "session opened",
             {{"session", socket->id()},
              {"user", session->user_id()},
              {"address", socket->handshake().request->remote_address},
              {"transport", socket->transport()}});
  socket->on_disconnect([this, level, id = socket->id()](socketio::disconnect_reason reason) {
    const auto removed = sessions_.extract(id);
    const client_session& s = *removed.mapped();
    const auto lifetime = std::chrono::floor<std::chrono::seconds>(shared_->clock.wall() - s.connected_at());
    log::write(level, "session closed",
               {{"session", id},
                {"user", s.user_id()},
                {"reason", s.disconnect_reason().empty() ? reason : s.disconnect_reason()},
                {"seconds", lifetime.count()}});
  });
  session->start();
}

void emotion_service::check_timeouts() {
  accounts_.remove_idle(shared_->clock.steady());
  // A copy: a session that disconnects its client is removed from sessions_.
  std::vector<std::shared_ptr<client_session>> all;
  all.reserve(sessions_.size());
  for (const auto& [id, s] : sessions_) all.push_back(s);
  for (const auto& s : all) s->check_timeouts();
}

or_error<admitted_image> emotion_service::admit_image(const std::string& account, std::size_t bytes) {
  const auto sender = accounts_.find_or_create(account);
  auto reservation = shared_->admit_frame(*sender, bytes, shared_->clock.steady());
  if (!reservation) return std::unexpected(std::move(reservation).error());
  return admitted_image{std::move(*reservation), sender->share()};
}

void emotion_service::drain(std::move_only_function<void()> done) {
  shared_->draining = true;
  shared_->in_flight.when_idle(std::move(done));
}

service_stats emotion_service::stats() const {
  service_stats stats{.sessions = sessions_.size(),
                      .accounts = accounts_.connected_count(),
                      .rooms = shared_->rooms.size(),
                      .frames_in_flight = shared_->in_flight.count(),
                      .bytes_in_flight = shared_->budget.used(),
                      .max_bytes_in_flight = shared_->budget.limit(),
                      .since_start = shared_->counters};
  for (const auto& [id, s] : sessions_) {
    if (!s->is_processing()) continue;
    ++stats.processing;
    stats.advised_fps += s->target_fps();
  }
  return stats;
}

}  // namespace emostream::service
