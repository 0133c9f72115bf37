#include "service/session.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.hpp"
#include "service/messages.hpp"
#include "socketio/broadcast.hpp"

namespace emostream::service {

namespace json = boost::json;

namespace {

/// Rooms of clients live apart from the rooms that Socket.IO gives each socket by its id.
std::string room_key(std::string_view room) {
  return "room:" + std::string(room);
}

std::string_view to_string(action a) {
  switch (a) {
    case action::start:
      return "start";
    case action::stop:
      return "stop";
    case action::configure:
      return "configure";
  }
  return "unknown";
}

}  // namespace

session::session(std::shared_ptr<services> shared, std::shared_ptr<socketio::socket> socket,
                 auth::claims claims, accounts::ticket ticket)
    : services_(std::move(shared)),
      socket_(std::move(socket)),
      claims_(std::move(claims)),
      ticket_(std::move(ticket)),
      connected_at_(wall_now()),
      last_event_(services_->clock.steady()),
      config_{.min_confidence = services_->limits.min_confidence},
      bucket_(services_->limits.max_fps, services_->limits.burst),
      pace_(std::max(1, static_cast<int>(services_->limits.max_fps)), services_->limits.pace),
      faces_(services_->limits.smoothing) {}

session::~session() {
  for (const membership& m : memberships_) services_->rooms.leave(m.room);
}

void session::start() {
  open_lane();
  on("initialize", &session::on_initialize);
  on("control", &session::on_control);
  on("video_frame", &session::on_video_frame);
  on("join_room", &session::on_join_room);
  on("leave_room", &session::on_leave_room);
  socket_->on_unhandled([self = weak_from_this()](socketio::event& e) {
    const auto s = self.lock();
    if (!s) return;
    s->last_event_ = s->services_->clock.steady();
    s->on_unknown(e);
  });
}

void session::on(std::string name, void (session::*handler)(socketio::event&)) {
  // Locked while the handler runs: it may disconnect, and so end the life that the application gives.
  socket_->on(std::move(name), [self = weak_from_this(), handler](socketio::event& e) {
    const auto s = self.lock();
    if (!s) return;
    s->last_event_ = s->services_->clock.steady();
    (s.get()->*handler)(e);
  });
}

void session::on_time() {
  if (claims_.expires_at + services_->token_leeway <= wall_now())
    return end({401, reason::token_expired, "Token expired"});
  if (!is_idle(services_->clock.steady())) return;
  ++services_->counters.idle_closed;
  end({408, reason::idle,
       "No event for " + std::to_string(services_->limits.idle_timeout.count()) + " seconds"});
}

void session::end(const problem& why) {
  refuse(why, {});
  ended_for_ = why.reason;
  socket_->disconnect();
}

bool session::is_idle(time_point now) const {
  const auto timeout = services_->limits.idle_timeout;
  time_point last = last_event_;
  for (const membership& m : memberships_) last = std::max(last, services_->rooms.last_result(m.room));
  return timeout.count() > 0 && now - last >= timeout;
}

void session::on_initialize(socketio::event& e) {
  auto request = parse_initialize(e.args.at(0));
  if (!request) return refuse(request.error(), e.ack);
  if (request->room)
    if (const auto why_not = join(*request->room, role::publisher)) return refuse(*why_not, e.ack);
  request->config.apply_to(config_);
  answer("initialized",
         to_json(initialized_message{.session_id = socket_->id(),
                                     .user_id = user_id(),
                                     .now = wall_now(),
                                     .config = config_,
                                     .limits = services_->limits,
                                     .model = services_->model,
                                     .room = request->room,
                                     .ignored = request->config.ignored}),
         e.ack);
}

void session::on_control(socketio::event& e) {
  const auto request = parse_control(e.args.at(0));
  if (!request) return refuse(request.error(), e.ack);
  request->config.apply_to(config_);
  if (request->action == action::start && !processing_) {
    processing_ = true;
    ++epoch_;
    faces_.restart();
  } else if (request->action == action::stop && processing_) {
    processing_ = false;
    ++epoch_;
    lane_->cancel();
  }
  answer("status",
         to_json(status_message{.processing = processing_,
                                .action = to_string(request->action),
                                .target_fps = pace_.target_fps(),
                                .now = wall_now(),
                                .room = publishes_to(),
                                .config = &config_,
                                .ignored = &request->config.ignored}),
         e.ack);
}

void session::on_join_room(socketio::event& e) {
  const auto request = parse_join_room(e.args.at(0));
  if (!request) return refuse(request.error(), e.ack);
  if (const auto why_not = join(request->room, request->role)) return refuse(*why_not, e.ack);
  answer("status",
         to_json(status_message{.processing = processing_,
                                .action = "join_room",
                                .target_fps = pace_.target_fps(),
                                .now = wall_now(),
                                .room = request->room,
                                .role = request->role}),
         e.ack);
}

void session::on_leave_room(socketio::event& e) {
  const auto room = parse_leave_room(e.args.at(0));
  if (!room) return refuse(room.error(), e.ack);
  const auto it = find_room(*room);
  if (it == memberships_.end()) return refuse({400, reason::not_in_room, "Not a member of this room"}, e.ack);
  socket_->leave(room_key(*room));
  services_->rooms.leave(*room);
  memberships_.erase(it);
  answer("status",
         to_json(status_message{.processing = processing_,
                                .action = "leave_room",
                                .target_fps = pace_.target_fps(),
                                .now = wall_now(),
                                .room = *room}),
         e.ack);
}

void session::on_unknown(socketio::event& e) {
  refuse({400, reason::unknown_event,
          "Unknown event: this service takes initialize, control, video_frame, join_room and leave_room"},
         e.ack);
}

void session::on_video_frame(socketio::event& e) {
  ++frames_;
  totals& counters = services_->counters;
  ++counters.frames;
  // A frame that its client gave no id is known by its number.
  json::value frame_id = frame_id_of(e.args.at(0)).value_or(json::value(frames_));
  if (!processing_) {
    ++counters.dropped[reason::not_started];
    return refuse({400, reason::not_started, "Processing not started"}, e.ack, frame_id);
  }
  if (services_->draining) {
    ++counters.dropped[reason::shutting_down];
    return refuse({503, reason::shutting_down, "Server is shutting down"}, e.ack, frame_id);
  }
  auto request = parse_video_frame(e.args, services_->limits.image.max_bytes);
  if (!request) {
    ++counters.failed[request.error().reason];
    return bad_frame(request.error(), frame_id, e.ack);
  }
  const time_point now = services_->clock.steady();
  auto share = admit(request->image.content.size(), now);
  if (!share) return turn_away(share.error(), frame_id, now, e.ack);
  submit(std::move(*request), std::move(*share), std::move(frame_id), now, e.ack);
}

expected<frame_budget::share> session::admit(std::size_t bytes, time_point now) {
  services_->counters.frame_bytes += bytes;
  if (!bucket_.take(now))
    return std::unexpected(problem{429, reason::rate_limited, "Too many frames a second"});
  return services_->admit_frame(ticket_.of(), bytes, now);
}

void session::turn_away(const problem& why, const json::value& frame_id, time_point now,
                        const socketio::acknowledgement& ack) {
  ++services_->counters.dropped[why.reason];
  if (const auto held_back = services_->may_log(why.reason))
    log::warn("frame refused", {{"reason", why.reason},
                                {"detail", why.message},
                                {"session", socket_->id()},
                                {"user", user_id()},
                                {"address", socket_->handshake().request->remote_address},
                                {"suppressed", *held_back}});
  // Acknowledgements tell of every frame; the event once a second is enough, or we would be flooding the
  // flooder.
  throttle& told = why.reason == reason::overloaded ? told_overload_ : told_rate_limit_;
  if (told.pass(now)) refuse(why, {}, frame_id);
  drop_frame(why.reason, frame_id, ack);
}

void session::submit(frame_request request, frame_budget::share share, json::value frame_id,
                     time_point received, const socketio::acknowledgement& ack) {
  pending_->push_back({.number = frames_,
                       .frame_id = std::move(frame_id),
                       .timestamp = request.timestamp.value_or(unix_seconds(wall_now())),
                       .received = received,
                       .epoch = epoch_,
                       .share = std::move(share),
                       .ack = ack});
  ++services_->frames_in_work;
  lane_->submit({.number = frames_,
                 .image = std::move(request.image),
                 .options = {.min_confidence = static_cast<float>(config_.min_confidence),
                             .max_faces = config_.max_faces},
                 .received = received});
}

void session::open_lane() {
  // Whatever thread tells of the outcome, it only carries it here.
  auto carry_home = [shared = services_, self = weak_from_this(),
                     pending = pending_](pipeline::outcome what) {
    const auto& post = shared->post;
    post([shared, self, pending, what = std::move(what)]() mutable {
      shared->counters.count(what);
      const auto known = std::ranges::find(*pending, what.number, &pending_frame::number);
      pending_frame frame = std::move(*known);
      pending->erase(known);
      try {
        if (const auto s = self.lock()) s->on_outcome(std::move(frame), std::move(what));
      } catch (const std::exception& error) {
        spdlog::error("a frame's outcome was lost: {}", error.what());
      }
      shared->frame_done();
    });
  };
  lane_.emplace(services_->queue.open(services_->open_stream(), std::move(carry_home)));
}

void session::on_outcome(pending_frame frame, pipeline::outcome what) {
  if (!socket_->connected()) return;
  if (frame.epoch != epoch_) what.dropped = pipeline::drop_reason::cancelled;
  if (what.dropped != pipeline::drop_reason::cancelled) advise_pace(what.queue_ms);
  if (what.dropped) return drop_frame(pipeline::to_string(*what.dropped), frame.frame_id, frame.ack);
  if (!what.error) return send_result(frame, what);

  // Our own failure is not held against the client.
  if (what.error == pipeline::frame_error::internal)
    return refuse(problem_of_image(what.error), frame.ack, frame.frame_id);
  bad_frame(problem_of_image(what.error), frame.frame_id, frame.ack);
}

void session::send_result(const pending_frame& frame, const pipeline::outcome& what) {
  const auto faces = faces_.update(*what.analysis, config_, frame.received);
  socketio::arguments result;
  result.values.emplace_back(
      to_json(result_message{.session_id = socket_->id(),
                             .user_id = user_id(),
                             .room = publishes_to(),
                             .frame_id = frame.frame_id,
                             .seq = ++seq_,
                             .timestamp = frame.timestamp,
                             .processed_at = wall_now(),
                             .latency_ms = to_ms(services_->clock.steady() - frame.received),
                             .queue_ms = what.queue_ms,
                             .dropped_since_last = std::exchange(dropped_since_last_, 0),
                             .analysis = *what.analysis,
                             .faces = faces,
                             .model = services_->model}));
  bad_frames_ = 0;
  ++services_->counters.results;
  const time_point emitted = services_->clock.steady();
  services_->counters.seconds.latency.observe(to_ms(emitted - frame.received) / 1e3);
  socket_->emit("detection_result", result);
  for (const membership& m : memberships_) {
    if (m.role != role::publisher) continue;
    services_->rooms.heard(m.room, emitted);
    result.values.front().as_object()["room"] = m.room;
    socket_->to(room_key(m.room)).emit("detection_result", result);
  }
  if (frame.ack)
    frame.ack(json::object{{"ok", true}, {"frame_id", frame.frame_id}, {"target_fps", pace_.target_fps()}});
}

void session::bad_frame(const problem& why, const json::value& frame_id,
                        const socketio::acknowledgement& ack) {
  refuse(why, ack, frame_id);
  if (++bad_frames_ < services_->limits.max_bad_frames) return;
  end({400, reason::too_many_bad_frames, "Too many bad frames in a row"});
}

void session::drop_frame(std::string_view why, const json::value& frame_id,
                         const socketio::acknowledgement& ack) {
  ++dropped_since_last_;
  if (ack)
    ack(json::object{{"ok", false},
                     {"frame_id", frame_id},
                     {"dropped", true},
                     {"reason", why},
                     {"target_fps", pace_.target_fps()}});
}

void session::advise_pace(double queue_ms) {
  const int before = pace_.target_fps();
  pace_.waited(queue_ms, services_->clock.steady());
  if (pace_.target_fps() == before) return;
  ++(pace_.target_fps() < before ? services_->counters.pace_lowered : services_->counters.pace_raised);
  socket_->emit("status", to_json(status_message{.processing = processing_,
                                                 .action = "pace",
                                                 .target_fps = pace_.target_fps(),
                                                 .now = wall_now(),
                                                 .room = publishes_to()}));
}

std::optional<problem> session::join(const std::string& room, role as) {
  if (claims_.rooms && std::ranges::count(*claims_.rooms, room) == 0)
    return problem{403, reason::room_not_allowed, "This account may not join this room"};
  if (const auto it = find_room(room); it != memberships_.end()) {
    it->role = as;
    std::rotate(it, it + 1, memberships_.end());
    return std::nullopt;
  }
  if (memberships_.size() >= services_->limits.max_rooms_per_session)
    return problem{403, reason::too_many_rooms, "Too many rooms for one connection"};
  if (!services_->rooms.enter(room)) return problem{503, reason::overloaded, "Too many rooms on this server"};
  if (!socket_->join(room_key(room))) {
    services_->rooms.leave(room);
    return problem{403, reason::too_many_rooms, "Too many rooms for one connection"};
  }
  memberships_.push_back({room, as});
  return std::nullopt;
}

std::vector<session::membership>::iterator session::find_room(std::string_view room) {
  return std::ranges::find(memberships_, room, &membership::room);
}

std::optional<std::string> session::publishes_to() const {
  for (auto it = memberships_.rbegin(); it != memberships_.rend(); ++it)
    if (it->role == role::publisher) return it->room;
  return std::nullopt;
}

void session::answer(std::string_view name, json::object what, const socketio::acknowledgement& ack) {
  socket_->emit(name, what);
  if (!ack) return;
  what["ok"] = true;
  ack(std::move(what));
}

void session::refuse(const problem& why, const socketio::acknowledgement& ack,
                     const std::optional<json::value>& frame_id) {
  ++services_->counters.errors[why.reason];
  json::object what = error_message(why, wall_now(), frame_id);
  socket_->emit("error_message", what);
  if (!ack) return;
  what["ok"] = false;
  ack(std::move(what));
}

}  // namespace emostream::service
