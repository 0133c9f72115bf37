#include "emotion/application.hpp"

#include <algorithm>
#include <any>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

namespace emostream::emotion {

namespace json = boost::json;

namespace {

socketio::connect_error refusal(std::string message, std::string_view code) {
  return {.message = std::move(message), .data = json::object{{"code", code}}};
}

}  // namespace

application::application(options limits, const auth::token_authority& tokens, model_info model,
                         pipeline::frame_queue& queue, stream_opener open_stream, post_function post,
                         clocks clock)
    : tokens_(tokens),
      accounts_(limits.max_connections_per_account),
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
  const auto refuse = [&](socketio::connect_error why) {
    ++services_->counters.refused_connections;
    next(std::move(why));
  };
  if (services_->draining) return refuse(refusal("Server is shutting down", "SHUTTING_DOWN"));

  const json::value* token = socket->handshake().auth.if_contains("token");
  if (!token || token->is_null() || *token == "")
    return refuse(refusal("Authentication required", "AUTH_REQUIRED"));
  auto claims = token->is_string() ? tokens_.verify(token->get_string(), services_->clock.wall())
                                   : result<auth::claims>(failure(auth::token_error::malformed));
  if (!claims) {
    spdlog::debug("token refused: {}", claims.error().message());
    const bool expired = claims.error() == auth::token_error::expired;
    return refuse(refusal("Authentication failed", expired ? "TOKEN_EXPIRED" : "AUTH_FAILED"));
  }

  auto ticket = accounts_.enter(claims->subject);
  if (!ticket) {
    auto why = refusal("Too many connections for this account", "CONNECTION_LIMIT");
    why.data->as_object()["limit"] = accounts_.limit();
    return refuse(std::move(why));
  }
  socket->data = std::make_shared<admission>(std::move(*claims), std::move(*ticket));
  next();
}

void application::welcome(const std::shared_ptr<socketio::socket>& socket) {
  const auto admitted = std::any_cast<std::shared_ptr<admission>>(std::exchange(socket->data, {}));
  ++services_->counters.connections;
  auto made =
      std::make_shared<session>(services_, socket, std::move(admitted->claims), std::move(admitted->ticket));
  socket->on_disconnect([this, id = socket->id()](socketio::disconnect_reason why) {
    spdlog::debug("session {} ended: {}", id, why);
    sessions_.erase(id);
  });
  made->start();
  spdlog::debug("session {} of {} began", socket->id(), made->user_id());
  sessions_.emplace(socket->id(), std::move(made));
}

void application::on_time() {
  const auto now = services_->clock.wall();
  std::vector<std::shared_ptr<session>> all;  // a session that ends leaves sessions_
  all.reserve(sessions_.size());
  for (const auto& [id, s] : sessions_) all.push_back(s);
  for (const auto& s : all) s->on_time(now);
}

void application::drain(std::move_only_function<void()> done) {
  services_->draining = true;
  services_->on_idle = std::move(done);
  services_->tell_if_idle();
}

application_stats application::stats() const {
  return {.sessions = sessions_.size(),
          .processing = static_cast<std::size_t>(std::ranges::count_if(
              sessions_, [](const auto& entry) { return entry.second->is_processing(); })),
          .accounts = accounts_.size(),
          .rooms = services_->rooms.size(),
          .frames_in_work = services_->frames_in_work,
          .since_start = services_->counters};
}

}  // namespace emostream::emotion
