#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "socketio/adapter.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/timer_queue.hpp"

namespace emostream::socketio {

/// Collects the acknowledgements of one broadcast. Calls `done` once: when all servers have reported how many
/// sockets they sent to and all those sockets have answered, when the timeout expires, or when
/// set_server_count() gets an error.
class responses : public std::enable_shared_from_this<responses> {
 public:
  explicit responses(responses_handler done) : done_(std::move(done)) {}

  /// Sets the deadline. `timers` must outlive this object.
  void set_deadline(timer_queue& timers, time_point deadline);
  /// The callbacks for the adapter; they keep this object alive.
  [[nodiscard]] ack_sink sink();
  /// Sets the number of servers that take part, or the error with which to finish.
  void set_server_count(result<std::size_t> count);

 private:
  void finish_if_complete();
  void finish(std::error_code why);

  responses_handler done_;  ///< null once called
  timer_queue::guard timer_;
  std::vector<arguments> received_;
  std::error_code failure_;  ///< the first error
  std::optional<std::size_t> servers_;
  std::size_t servers_reported_ = 0;
  std::size_t clients_ = 0;
  std::size_t clients_answered_ = 0;
};

}  // namespace emostream::socketio
