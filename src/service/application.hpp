#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "auth/token.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/accounts.hpp"
#include "service/options.hpp"
#include "service/services.hpp"
#include "service/session.hpp"
#include "socketio/namespace.hpp"

namespace emostream::service {

/// How things are now, and what happened since the start, for metrics.
struct application_stats {
  std::size_t sessions = 0;
  std::size_t processing = 0;           ///< of the sessions
  int advised_fps = 0;                  ///< target_fps of those that are processing, summed
  std::size_t accounts = 0;             ///< with a connection
  std::size_t rooms = 0;                ///< with a member here
  std::size_t frames_in_work = 0;       ///< their fate is not known yet
  std::size_t bytes_in_flight = 0;      ///< of the images of those
  std::size_t max_bytes_in_flight = 0;  ///< the budget
  totals since_start;
};

/// The emotion service on a Socket.IO namespace: who may connect, and a session for everyone who has.
///
/// I/O thread only. It must outlive the run of the server that it is attached to; `tokens`, `queue` and
/// whatever `open_stream` and `post` use must outlive it.
class application {
 public:
  application(options limits, const auth::token_authority& tokens, model_info model,
              pipeline::frame_queue& queue, stream_opener open_stream, post_function post, clocks clock = {});
  ~application();
  application(const application&) = delete;
  application& operator=(const application&) = delete;

  /// Serves that namespace, under all its names; once, before anybody connects. Other names that shall share
  /// its rooms are aliases of it (server::alias).
  void attach(socketio::server_namespace& nsp);

  /// To be called about once a second: ends connections whose token has expired and those that are idle.
  void on_time();

  /// The account of that name, for ways in beside Socket.IO: they are under the same limits.
  [[nodiscard]] std::shared_ptr<account> find_account(const std::string& name) {
    return accounts_.find(name);
  }
  /// See services::admit_frame(): the frame is in flight as long as the share lives.
  [[nodiscard]] expected<frame_budget::share> admit_frame(account& of, std::size_t bytes) {
    return services_->admit_frame(of, bytes, services_->clock.steady());
  }

  /// Refuses connections and frames from now on; `done` is called once the frames in work have been told of.
  void drain(std::move_only_function<void()> done);

  /// Whether it takes connections: what /readyz answers.
  [[nodiscard]] bool ready() const { return !services_->draining; }
  [[nodiscard]] application_stats stats() const;

 private:
  /// What the middleware found out of a socket that may connect, kept in socket::data until it has.
  struct admission {
    auth::claims claims;
    accounts::ticket ticket;
  };
  void admit(const std::shared_ptr<socketio::socket>& socket, const socketio::next& next);
  void welcome(const std::shared_ptr<socketio::socket>& socket);

  const auth::token_authority& tokens_;
  accounts accounts_;
  std::shared_ptr<services> services_;
  std::map<std::string, std::shared_ptr<session>, std::less<>> sessions_;  ///< by socket id
};

}  // namespace emostream::service
