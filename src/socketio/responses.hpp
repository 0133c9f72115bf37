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

/// Collects the answers to one broadcast until all servers have said whom they asked and all those have
/// answered, or time is up; then calls `done` once.
class responses : public std::enable_shared_from_this<responses> {
 public:
  explicit responses(responses_handler done) : done_(std::move(done)) {}

  /// Waits until `when` at most. `timers` must live as long as the namespace.
  void give_up_at(timer_queue& timers, time_point when);
  /// Where the adapter reports; keeps this alive.
  [[nodiscard]] answer_sink sink();
  /// So many servers take part.
  void expect_servers(result<std::size_t> count);

 private:
  void finish_if_complete();
  void finish(std::error_code why);

  responses_handler done_;  ///< null once called
  timer_queue::guard deadline_;
  std::vector<arguments> received_;
  std::error_code failure_;
  std::optional<std::size_t> servers_;
  std::size_t servers_heard_ = 0;
  std::size_t clients_ = 0;
  std::size_t clients_heard_ = 0;
};

}  // namespace emostream::socketio
