#include "service/client_session.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "socketio/broadcast.hpp"

namespace emostream::service {

namespace json = boost::json;

namespace {

/// The Socket.IO room for a room of clients. The prefix keeps it apart from the rooms named by socket ids.
std::string socketio_room(std::string_view room) {
  return "room:" + std::string(room);
}

}  // namespace

client_session::client_session(std::shared_ptr<shared_state> shared, std::shared_ptr<socketio::socket> socket,
                               auth::claims claims, accounts::connection_permit permit)
    : shared_(std::move(shared)),
      socket_(std::move(socket)),
      claims_(std::move(claims)),
      permit_(std::move(permit)),
      connected_at_(wall_now()),
      last_event_(shared_->clock.steady()),
      config_{.min_confidence = shared_->options.min_confidence},
      event_bucket_(shared_->options.max_events, shared_->options.event_burst),
      rejection_bucket_(shared_->options.max_rejected_events, shared_->options.rejected_event_burst),
      frame_bucket_(shared_->options.max_fps, shared_->options.burst),
      rate_advisor_(std::max(1, static_cast<int>(shared_->options.max_fps)), shared_->options.rate_advisor),
      face_reporter_(shared_->options.smoothing) {}

client_session::~client_session() {
  for (const membership& m : memberships_) shared_->rooms.remove_member(m.room);
}

void client_session::start() {
  open_mailbox();
  on("initialize", &client_session::on_initialize);
  on("control", &client_session::on_control);
  on("video_frame", &client_session::on_video_frame);
  on("join_room", &client_session::on_join_room);
  on("leave_room", &client_session::on_leave_room);
  socket_->on_unhandled([self = weak_from_this()](socketio::event& e) {
    const auto s = self.lock();
    if (!s) return;
    s->last_event_ = s->shared_->clock.steady();
    if (s->admit_event(e.ack)) s->on_unknown_event(e);
  });
}

void client_session::on(std::string name, void (client_session::*handler)(socketio::event&)) {
  // The lock keeps the session alive while its handler runs: a handler may disconnect the client, and the
  // emotion_service then removes the session.
  socket_->on(std::move(name), [self = weak_from_this(), handler](socketio::event& e) {
    const auto s = self.lock();
    if (!s) return;
    s->last_event_ = s->shared_->clock.steady();
    if (handler == &client_session::on_video_frame || s->admit_event(e.ack)) (s.get()->*handler)(e);
  });
}

bool client_session::admit_event(const socketio::acknowledgement& ack) {
  if (event_bucket_.take(last_event_) && permit_.owner().charge_event(last_event_)) return true;
  ++shared_->counters.events_rejected;
  const request_error error{429, reason::rate_limited, "Too many events a second"};
  if (!rejection_bucket_.take(last_event_)) {
    disconnect(error, true);
  } else if (rate_limit_notice_.pass(last_event_)) {
    send_error(error, ack);
  } else if (ack) {
    json::object content = error_message(error, wall_now(), {});
    content["ok"] = false;
    ack(std::move(content));
  }
  return false;
}

void client_session::check_timeouts() {
  if (claims_.expires_at + shared_->token_leeway <= wall_now())
    return disconnect({401, reason::token_expired, "Token expired"});
  if (!is_idle(shared_->clock.steady())) return;
  ++shared_->counters.idle_disconnects;
  disconnect(
      {408, reason::idle, "Idle for " + std::to_string(shared_->options.idle_timeout.count()) + " seconds"});
}

void client_session::disconnect(const request_error& error, bool close_connection) {
  send_error(error, {});
  disconnect_reason_ = error.reason;
  socket_->disconnect(close_connection);
}

bool client_session::is_idle(time_point now) const {
  const auto timeout = shared_->options.idle_timeout;
  time_point last = last_event_;
  for (const membership& m : memberships_) last = std::max(last, shared_->rooms.last_result(m.room));
  return timeout.count() > 0 && now - last >= timeout;
}

void client_session::on_initialize(socketio::event& e) {
  auto request = parse_initialize(e.args.at(0));
  if (!request) return send_error(request.error(), e.ack);
  if (request->room)
    if (const auto error = join(*request->room, role::publisher)) return send_error(*error, e.ack);
  request->config.apply_to(config_);
  reply("initialized",
        to_json(initialized_message{.session_id = socket_->id(),
                                    .user_id = user_id(),
                                    .now = wall_now(),
                                    .config = config_,
                                    .limits = shared_->options,
                                    .model = shared_->model,
                                    .room = request->room,
                                    .ignored = request->config.ignored}),
        e.ack);
}

void client_session::on_control(socketio::event& e) {
  const auto request = parse_control(e.args.at(0));
  if (!request) return send_error(request.error(), e.ack);
  request->config.apply_to(config_);
  if (request->action == action::start && !processing_) {
    processing_ = true;
    ++epoch_;
    face_reporter_.reset();
  } else if (request->action == action::stop && processing_) {
    processing_ = false;
    ++epoch_;
    mailbox_->cancel();
  }
  status_message message = status(request->action, publishing_room());
  message.config = &config_;
  message.ignored = &request->config.ignored;
  reply("status", to_json(message), e.ack);
}

void client_session::on_join_room(socketio::event& e) {
  const auto request = parse_join_room(e.args.at(0));
  if (!request) return send_error(request.error(), e.ack);
  if (const auto error = join(request->room, request->role)) return send_error(*error, e.ack);
  status_message message = status(action::join_room, request->room);
  message.role = request->role;
  reply("status", to_json(message), e.ack);
}

void client_session::on_leave_room(socketio::event& e) {
  const auto room = parse_leave_room(e.args.at(0));
  if (!room) return send_error(room.error(), e.ack);
  const auto it = find_room(*room);
  if (it == memberships_.end())
    return send_error({400, reason::not_in_room, "Not a member of this room"}, e.ack);
  socket_->leave(socketio_room(*room));
  shared_->rooms.remove_member(*room);
  memberships_.erase(it);
  reply("status", to_json(status(action::leave_room, *room)), e.ack);
}

void client_session::on_unknown_event(socketio::event& e) {
  send_error({400, reason::unknown_event,
              "Unknown event: this service takes initialize, control, video_frame, join_room and leave_room"},
             e.ack);
}

void client_session::on_video_frame(socketio::event& e) {
  ++frames_received_;
  service_counters& counters = shared_->counters;
  ++counters.frames_received;
  // A frame without a valid id is identified by its number.
  json::value frame_id = frame_id_of(e.args.at(0)).value_or(json::value(frames_received_));
  if (!processing_) {
    counters.frames_dropped.increment(reason::not_started);
    if (!admit_event(e.ack)) return;
    return send_error({400, reason::not_started, "Processing not started"}, e.ack, frame_id);
  }
  if (shared_->draining) {
    counters.frames_dropped.increment(reason::shutting_down);
    return send_error({503, reason::shutting_down, "Server is shutting down"}, e.ack, frame_id);
  }
  auto request = parse_video_frame(e.args, shared_->options.image);
  if (request || request.error().reason == reason::no_image_data) {
    const time_point now = shared_->clock.steady();
    auto reservation = admit_frame(request ? request->image.content.size() : 0, now);
    if (!reservation) return reject_frame(reservation.error(), frame_id, now, e.ack);
    if (request) return submit(std::move(*request), std::move(*reservation), std::move(frame_id), now, e.ack);
  }
  counters.frames_failed.increment(request.error().reason);
  reject_bad_frame(request.error(), frame_id, e.ack);
}

or_error<frame_budget::reservation> client_session::admit_frame(std::size_t bytes, time_point now) {
  shared_->counters.frame_bytes_received += bytes;
  if (!frame_bucket_.take(now))
    return std::unexpected(request_error{429, reason::rate_limited, "Too many frames a second"});
  return shared_->admit_frame(permit_.owner(), bytes, now);
}

void client_session::reject_frame(const request_error& error, const json::value& frame_id, time_point now,
                                  const socketio::acknowledgement& ack) {
  shared_->counters.frames_dropped.increment(error.reason);
  if (const auto suppressed = shared_->may_log(error.reason))
    log::warn("frame refused", {{"reason", error.reason},
                                {"detail", error.message},
                                {"session", socket_->id()},
                                {"user", user_id()},
                                {"address", socket_->handshake().request->remote_address},
                                {"suppressed", *suppressed}});
  // Every frame is acknowledged, but the event is sent at most once a second and reason: answering each frame
  // of a flood with an event would amplify it.
  throttle& notice = error.reason == reason::overloaded ? overload_notice_ : rate_limit_notice_;
  if (notice.pass(now)) send_error(error, {}, frame_id);
  acknowledge_drop(error.reason, frame_id, ack);
}

void client_session::submit(frame_request request, frame_budget::reservation reservation,
                            json::value frame_id, time_point received, const socketio::acknowledgement& ack) {
  mailbox_->submit({.image = std::move(request.image),
                    .options = {.min_confidence = static_cast<float>(config_.min_confidence),
                                .max_faces = config_.max_faces,
                                .eyes = config_.eyes,
                                .upright = config_.upright},
                    .received = received},
                   {.frame_id = std::move(frame_id),
                    .timestamp = request.timestamp.value_or(unix_seconds(wall_now())),
                    .received = received,
                    .epoch = epoch_,
                    .has_odd_resolution = request.has_odd_resolution,
                    .reservation = std::move(reservation),
                    .ack = ack});
}

void client_session::open_mailbox() {
  mailbox_.emplace(
      shared_->queue, permit_.owner().share(), shared_->make_analyzer(), shared_->post,
      std::shared_ptr<in_flight_counter>(shared_, &shared_->in_flight),
      [shared = shared_, self = weak_from_this()](pending_frame frame, pipeline::outcome outcome) {
        shared->counters.record(outcome);
        if (const auto s = self.lock()) s->on_outcome(std::move(frame), std::move(outcome));
      });
}

void client_session::on_outcome(pending_frame frame, pipeline::outcome outcome) {
  if (!socket_->connected()) return;
  if (frame.epoch != epoch_) outcome.dropped = pipeline::drop_reason::cancelled;
  if (outcome.dropped != pipeline::drop_reason::cancelled) update_target_fps(outcome.queue_ms);
  if (outcome.dropped)
    return acknowledge_drop(pipeline::to_string(*outcome.dropped), frame.frame_id, frame.ack);
  if (!outcome.error) return send_result(frame, outcome);

  // A fault of the server does not count as a bad frame.
  if (outcome.error == pipeline::frame_error::internal)
    return send_error(to_request_error(outcome.error, shared_->options.image), frame.ack, frame.frame_id);
  reject_bad_frame(to_request_error(outcome.error, shared_->options.image), frame.frame_id, frame.ack);
}

void client_session::send_result(const pending_frame& frame, const pipeline::outcome& outcome) {
  const auto faces = face_reporter_.update(*outcome.analysis, config_, frame.received);
  socketio::arguments result;
  result.values.emplace_back(
      to_json(result_message{.session_id = socket_->id(),
                             .user_id = user_id(),
                             .room = publishing_room(),
                             .frame_id = frame.frame_id,
                             .seq = ++results_sent_,
                             .timestamp = frame.timestamp,
                             .processed_at = wall_now(),
                             .latency_ms = to_ms(shared_->clock.steady() - frame.received),
                             .queue_ms = outcome.queue_ms,
                             .dropped_since_last = std::exchange(dropped_since_last_result_, 0),
                             .analysis = *outcome.analysis,
                             .faces = faces,
                             .model = shared_->model}));
  consecutive_bad_frames_ = 0;
  ++shared_->counters.results_sent;
  const time_point emitted = shared_->clock.steady();
  shared_->counters.stage_seconds.latency.observe(to_ms(emitted - frame.received) / 1e3);
  socket_->emit("detection_result", result);
  for (const membership& m : memberships_) {
    if (m.role != role::publisher) continue;
    shared_->rooms.record_result(m.room, emitted);
    result.values.front().as_object()["room"] = m.room;
    socket_->to(socketio_room(m.room)).emit("detection_result", result);
  }
  if (!frame.ack) return;
  json::object answer{{"ok", true}, {"frame_id", frame.frame_id}, {"target_fps", target_fps()}};
  if (frame.has_odd_resolution) answer["ignored"] = json::array{"resolution"};
  frame.ack(std::move(answer));
}

void client_session::reject_bad_frame(const request_error& error, const json::value& frame_id,
                                      const socketio::acknowledgement& ack) {
  send_error(error, ack, frame_id);
  // Cameras that have not started yet give empty pictures, which count only towards the rates of frames.
  if (error.reason == reason::no_image_data) return;
  if (++consecutive_bad_frames_ < shared_->options.max_bad_frames) return;
  disconnect({400, reason::too_many_bad_frames, "Too many bad frames in a row"});
}

void client_session::acknowledge_drop(std::string_view reason, const json::value& frame_id,
                                      const socketio::acknowledgement& ack) {
  ++dropped_since_last_result_;
  if (ack)
    ack(json::object{{"ok", false},
                     {"frame_id", frame_id},
                     {"dropped", true},
                     {"reason", reason},
                     {"target_fps", target_fps()}});
}

void client_session::update_target_fps(double queue_ms) {
  const int before = target_fps();
  rate_advisor_.record_wait(queue_ms, shared_->clock.steady());
  if (target_fps() == before) return;
  service_counters& counters = shared_->counters;
  ++(target_fps() < before ? counters.target_fps_decreased : counters.target_fps_increased);
  socket_->emit("status", to_json(status(action::pace, publishing_room())));
}

std::optional<request_error> client_session::join(const std::string& room, role new_role) {
  if (!may_join(room, new_role))
    return request_error{403, reason::room_not_allowed, "This token does not allow this room and role"};
  if (const auto it = find_room(room); it != memberships_.end()) {
    it->role = new_role;
    std::rotate(it, it + 1, memberships_.end());
    return std::nullopt;
  }
  if (memberships_.size() >= shared_->options.max_rooms_per_session)
    return request_error{403, reason::too_many_rooms, "Too many rooms for one connection"};
  if (!shared_->rooms.add_member(room))
    return request_error{503, reason::overloaded, "Too many rooms on this server"};
  if (!socket_->join(socketio_room(room))) {
    shared_->rooms.remove_member(room);
    return request_error{403, reason::too_many_rooms, "Too many rooms for one connection"};
  }
  memberships_.push_back({room, new_role});
  return std::nullopt;
}

bool client_session::may_join(std::string_view room, role new_role) const {
  if (!claims_.rooms) return shared_->options.rooms == room_policy::open;
  return std::ranges::any_of(*claims_.rooms, [&](const auth::room_claim& allowed) {
    return allowed.room == room &&
           allowed.role.value_or(std::string(to_string(new_role))) == to_string(new_role);
  });
}

std::vector<client_session::membership>::iterator client_session::find_room(std::string_view room) {
  return std::ranges::find(memberships_, room, &membership::room);
}

std::optional<std::string> client_session::publishing_room() const {
  for (auto it = memberships_.rbegin(); it != memberships_.rend(); ++it)
    if (it->role == role::publisher) return it->room;
  return std::nullopt;
}

status_message client_session::status(service::action action, std::optional<std::string> room) const {
  return {.processing = processing_,
          .action = action,
          .target_fps = target_fps(),
          .now = wall_now(),
          .room = std::move(room)};
}

void client_session::reply(std::string_view name, json::object content,
                           const socketio::acknowledgement& ack) {
  socket_->emit(name, content);
  if (!ack) return;
  content["ok"] = true;
  ack(std::move(content));
}

void client_session::send_error(const request_error& error, const socketio::acknowledgement& ack,
                                const std::optional<json::value>& frame_id) {
  shared_->counters.errors_sent.increment(error.reason);
  json::object content = error_message(error, wall_now(), frame_id);
  socket_->emit("error_message", content);
  if (!ack) return;
  content["ok"] = false;
  ack(std::move(content));
}

}  // namespace emostream::service
