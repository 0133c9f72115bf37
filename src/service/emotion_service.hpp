#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "auth/token.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/accounts.hpp"
#include "service/client_session.hpp"
#include "service/service_options.hpp"
#include "service/shared_state.hpp"
#include "socketio/namespace.hpp"

namespace emostream::service {

/// Gauges, and counters since the start. For metrics.
struct service_stats {
  std::size_t sessions = 0;
  std::size_t processing = 0;           ///< sessions in the state `processing`
  int advised_fps = 0;                  ///< sum of target_fps over those sessions
  std::size_t accounts = 0;             ///< with a connection
  std::size_t rooms = 0;                ///< with a member
  std::size_t frames_in_flight = 0;     ///< submitted and not yet answered
  std::size_t bytes_in_flight = 0;      ///< of the images of these frames and of HTTP requests
  std::size_t max_bytes_in_flight = 0;  ///< the budget
  service_counters since_start;
};

/// An image of an HTTP request that may be analyzed.
struct admitted_image {
  frame_budget::reservation reservation;
  std::shared_ptr<pipeline::worker_share> share;  ///< of its account
};

/// The emotion service on a Socket.IO namespace: authenticates clients and holds a session for each.
///
/// I/O thread only. It must outlive the run of the server that it is attached to; `tokens` and
/// `queue` must outlive it. Everything that `make_analyzer` and `post` refer to must outlive `queue`, whose
/// workers may still call them.
class emotion_service {
 public:
  emotion_service(service_options options, const auth::token_authority& tokens, vision::model_info model,
                  pipeline::frame_queue& queue, analyzer_factory make_analyzer, post_function post,
                  clocks clock = {});
  ~emotion_service();
  emotion_service(const emotion_service&) = delete;
  emotion_service& operator=(const emotion_service&) = delete;

  /// Serves that namespace. Call once, before clients connect. Use aliases (server::alias) for further names
  /// that share its rooms.
  void attach(socketio::server_namespace& nsp);

  /// Disconnects clients that are idle or whose token has expired, and removes idle accounts. Call about once
  /// a second.
  void check_timeouts();

  /// Charges an image of `bytes` bytes, of an HTTP request, to the rates of that account and reserves budget
  /// for it, or returns the limit that it exceeds.
  [[nodiscard]] or_error<admitted_image> admit_image(const std::string& account, std::size_t bytes);

  /// Rejects connections and frames from now on; calls `done` once every frame in flight has been answered.
  void drain(std::move_only_function<void()> done);

  /// False while draining. Reported by /readyz.
  [[nodiscard]] bool ready() const { return !shared_->draining; }
  [[nodiscard]] service_stats stats() const;

 private:
  /// The result of authentication, kept in socket::data until the socket is connected.
  struct admission {
    auth::claims claims;
    accounts::connection_permit permit;
  };
  void authenticate(const std::shared_ptr<socketio::socket>& socket, const socketio::next& next);
  void on_connect(const std::shared_ptr<socketio::socket>& socket);

  const auth::token_authority& tokens_;
  accounts accounts_;
  std::shared_ptr<shared_state> shared_;
  std::map<std::string, std::shared_ptr<client_session>, std::less<>> sessions_;  ///< by socket id
};

}  // namespace emostream::service
