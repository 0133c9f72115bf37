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
#include "service/face_reporter.hpp"
#include "service/io_mailbox.hpp"
#include "service/messages.hpp"
#include "service/payload.hpp"
#include "service/rate_advisor.hpp"
#include "service/request_error.hpp"
#include "service/shared_state.hpp"
#include "service/token_bucket.hpp"
#include "socketio/socket.hpp"

namespace emostream::service {

/// The session of one connected client: its state (idle or processing), configuration, rooms and frames in
/// flight. I/O thread only.
///
/// Each event except `video_frame` is answered with an event and then, if the client asked for one, an
/// acknowledgement with the same content plus `ok`. A frame is acknowledged once its outcome is known: result
/// sent, dropped, rejected or failed.
class client_session : public std::enable_shared_from_this<client_session> {
 public:
  client_session(std::shared_ptr<shared_state> shared, std::shared_ptr<socketio::socket> socket,
                 auth::claims claims, accounts::connection_permit permit);
  ~client_session();
  client_session(const client_session&) = delete;
  client_session& operator=(const client_session&) = delete;

  /// Opens the mailbox and subscribes to the socket's events.
  void start();

  /// Disconnects the client if its token has expired, or if it is idle: it has sent no event, and its rooms
  /// have had no result, for the duration of the idle timeout.
  void check_timeouts();

  [[nodiscard]] const std::string& user_id() const { return claims_.subject; }
  [[nodiscard]] wall_clock::time_point connected_at() const { return connected_at_; }
  [[nodiscard]] bool is_processing() const { return processing_; }
  /// Why this session disconnected the client: one of namespace reason. Empty if it did not.
  [[nodiscard]] std::string_view disconnect_reason() const { return disconnect_reason_; }
  [[nodiscard]] int target_fps() const { return rate_advisor_.target_fps(); }
  [[nodiscard]] const session_config& config() const { return config_; }

 private:
  /// The state of a frame in flight that is needed to handle its outcome.
  struct pending_frame {
    boost::json::value frame_id;
    double timestamp;
    time_point received;
    std::uint64_t epoch;
    bool has_odd_resolution;
    frame_budget::reservation reservation;
    socketio::acknowledgement ack;
  };
  struct membership {
    std::string room;
    service::role role;
  };

  void on(std::string name, void (client_session::*handler)(socketio::event&));
  /// Charges an event other than a frame to the rates of the connection and of the account. If it exceeds
  /// one, rejects it, or disconnects the client after too many, and returns false.
  [[nodiscard]] bool admit_event(const socketio::acknowledgement& ack);
  void on_initialize(socketio::event& e);
  void on_control(socketio::event& e);
  void on_video_frame(socketio::event& e);
  void on_join_room(socketio::event& e);
  void on_leave_room(socketio::event& e);
  void on_unknown_event(socketio::event& e);

  /// Reserves budget for a frame of `bytes` bytes, or returns the limit that it exceeds (rate of the
  /// connection, rates of the account, bytes in flight).
  [[nodiscard]] or_error<frame_budget::reservation> admit_frame(std::size_t bytes, time_point now);
  /// Handles a frame that exceeds a limit.
  void reject_frame(const request_error& error, const boost::json::value& frame_id, time_point now,
                    const socketio::acknowledgement& ack);
  /// Handles a frame that is invalid. Disconnects the client after too many of them in a row, not counting
  /// those without an image.
  void reject_bad_frame(const request_error& error, const boost::json::value& frame_id,
                        const socketio::acknowledgement& ack);
  void submit(frame_request request, frame_budget::reservation reservation, boost::json::value frame_id,
              time_point received, const socketio::acknowledgement& ack);
  void open_mailbox();
  void on_outcome(pending_frame frame, pipeline::outcome outcome);
  void send_result(const pending_frame& frame, const pipeline::outcome& outcome);
  void acknowledge_drop(std::string_view reason, const boost::json::value& frame_id,
                        const socketio::acknowledgement& ack);
  void update_target_fps(double queue_ms);

  [[nodiscard]] bool is_idle(time_point now) const;
  /// Sends the error to the client and disconnects it from the namespace or entirely.
  void disconnect(const request_error& error, bool close_connection = false);

  /// Joins the room, or changes the role if the client is a member already. Returns an error if that is not
  /// allowed or a limit is reached.
  [[nodiscard]] std::optional<request_error> join(const std::string& room, role new_role);
  [[nodiscard]] bool may_join(std::string_view room, role new_role) const;
  [[nodiscard]] std::vector<membership>::iterator find_room(std::string_view room);
  /// The room that was joined last as publisher.
  [[nodiscard]] std::optional<std::string> publishing_room() const;

  /// A status message with the current state, about `room`.
  [[nodiscard]] status_message status(service::action action, std::optional<std::string> room) const;
  /// Emits the event, then acknowledges with the same content.
  void reply(std::string_view name, boost::json::object content, const socketio::acknowledgement& ack);
  void send_error(const request_error& error, const socketio::acknowledgement& ack,
                  const std::optional<boost::json::value>& frame_id = {});
  [[nodiscard]] wall_clock::time_point wall_now() const { return shared_->clock.wall(); }

  std::shared_ptr<shared_state> shared_;
  std::shared_ptr<socketio::socket> socket_;
  auth::claims claims_;
  accounts::connection_permit permit_;
  wall_clock::time_point connected_at_;
  time_point last_event_;
  std::string_view disconnect_reason_;

  session_config config_;
  bool processing_ = false;
  std::uint64_t epoch_ = 0;  ///< incremented by start and stop; frames of an earlier epoch get no result
  std::vector<membership> memberships_;  ///< in order of the last join

  std::optional<io_mailbox<pending_frame>> mailbox_;  ///< opened by start()
  token_bucket event_bucket_;                         ///< for events other than frames
  token_bucket rejection_bucket_;  ///< for events that are rejected because event_bucket_ is empty
  token_bucket frame_bucket_;
  rate_advisor rate_advisor_;
  face_reporter face_reporter_;
  throttle rate_limit_notice_;  ///< of error_message events with reason rate_limited
  throttle overload_notice_;    ///< of error_message events with reason overloaded
  int consecutive_bad_frames_ = 0;
  std::uint64_t frames_received_ = 0;
  std::uint64_t results_sent_ = 0;  ///< `seq` of the last result
  std::uint64_t dropped_since_last_result_ = 0;
};

}  // namespace emostream::service
