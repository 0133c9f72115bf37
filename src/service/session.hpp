#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "auth/token.hpp"
#include "base/throttle.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/accounts.hpp"
#include "service/face_stream.hpp"
#include "service/pace.hpp"
#include "service/payload.hpp"
#include "service/problem.hpp"
#include "service/services.hpp"
#include "service/token_bucket.hpp"
#include "socketio/socket.hpp"

namespace emostream::service {

/// One client of the application, from connect to disconnect: idle or processing, its configuration, its
/// rooms, and the way of its frames. I/O thread only.
///
/// An event is answered by an event and, if the client asked, by an acknowledgement, in this order. Both say
/// the same but for `ok`. A frame is acknowledged once its fate is known: result sent, dropped or failed.
class session : public std::enable_shared_from_this<session> {
 public:
  session(std::shared_ptr<services> shared, std::shared_ptr<socketio::socket> socket, auth::claims claims,
          accounts::ticket ticket);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Subscribes to the socket's events.
  void start();

  /// Ends the connection if its token has expired, or if nothing has happened on it for too long: its client
  /// sent no event, and there were no results in its rooms.
  void on_time();

  [[nodiscard]] const std::string& user_id() const { return claims_.subject; }
  [[nodiscard]] wall_clock::time_point connected_at() const { return connected_at_; }
  [[nodiscard]] bool is_processing() const { return processing_; }
  /// Why it was ended, if it was not the client or the network: one of namespace reason.
  [[nodiscard]] std::string_view ended_for() const { return ended_for_; }
  [[nodiscard]] int target_fps() const { return pace_.target_fps(); }
  [[nodiscard]] const session_config& config() const { return config_; }

 private:
  /// A frame in work: what is needed when its fate is known.
  struct pending_frame {
    std::uint64_t number;
    boost::json::value frame_id;
    double timestamp;
    time_point received;
    std::uint64_t epoch;
    frame_budget::share share;
    socketio::acknowledgement ack;
  };
  struct membership {
    std::string room;
    service::role role;
  };

  void on(std::string name, void (session::*handler)(socketio::event&));
  void on_initialize(socketio::event& e);
  void on_control(socketio::event& e);
  void on_video_frame(socketio::event& e);
  void on_join_room(socketio::event& e);
  void on_leave_room(socketio::event& e);
  void on_unknown(socketio::event& e);

  /// Room for a frame of so many bytes: under the rates of the connection and of its account, and in memory.
  [[nodiscard]] expected<frame_budget::share> admit(std::size_t bytes, time_point now);
  void turn_away(const problem& why, const boost::json::value& frame_id, time_point now,
                 const socketio::acknowledgement& ack);
  void submit(frame_request request, frame_budget::share share, boost::json::value frame_id,
              time_point received, const socketio::acknowledgement& ack);
  void open_lane();
  void on_outcome(pending_frame frame, pipeline::outcome what);
  void send_result(const pending_frame& frame, const pipeline::outcome& what);
  void bad_frame(const problem& why, const boost::json::value& frame_id,
                 const socketio::acknowledgement& ack);
  void drop_frame(std::string_view why, const boost::json::value& frame_id,
                  const socketio::acknowledgement& ack);
  void advise_pace(double queue_ms);

  [[nodiscard]] bool is_idle(time_point now) const;
  /// Tells the client why, and disconnects it.
  void end(const problem& why);

  /// Why it may not become a member of that room, if so.
  [[nodiscard]] std::optional<problem> join(const std::string& room, role as);
  [[nodiscard]] std::vector<membership>::iterator find_room(std::string_view room);
  [[nodiscard]] std::optional<std::string> publishes_to() const;

  void answer(std::string_view name, boost::json::object what, const socketio::acknowledgement& ack);
  void refuse(const problem& why, const socketio::acknowledgement& ack,
              const std::optional<boost::json::value>& frame_id = {});
  [[nodiscard]] wall_clock::time_point wall_now() const { return services_->clock.wall(); }

  std::shared_ptr<services> services_;
  std::shared_ptr<socketio::socket> socket_;
  auth::claims claims_;
  accounts::ticket ticket_;
  wall_clock::time_point connected_at_;
  time_point last_event_;
  std::string_view ended_for_;

  session_config config_;
  bool processing_ = false;
  std::uint64_t epoch_ = 0;              ///< counts starts and stops: a frame of another epoch has no result
  std::vector<membership> memberships_;  ///< in order of joining

  std::optional<pipeline::frame_queue::lane> lane_;  ///< from start() on
  /// In order of their numbers. Those in work when the session goes are there until their fate is known.
  std::shared_ptr<std::vector<pending_frame>> pending_ = std::make_shared<std::vector<pending_frame>>();
  token_bucket bucket_;
  pace pace_;
  face_stream faces_;
  throttle told_rate_limit_;
  throttle told_overload_;
  int bad_frames_ = 0;  ///< in a row
  std::uint64_t frames_ = 0;
  std::uint64_t seq_ = 0;
  std::uint64_t dropped_since_last_ = 0;
};

}  // namespace emostream::service
