#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "net/asio.hpp"

namespace emostream::net {

/// Shares the I/O thread between connections by time. The work of a connection is done in turns of about a
/// millisecond. If several connections have work, the one that has used the thread least is next, so that a
/// connection that floods the server does not delay the others by more than a turn (ADR 24). I/O thread only.
class turn_queue {
 public:
  /// Does a part of a connection's work, until over() is true. Returns whether more of it is left, and the
  /// turn is to be called again. It must keep its `share` alive.
  using turn = std::move_only_function<bool()>;
  using clock_function = std::function<time_point()>;

  /// The time of the I/O thread that one connection has used.
  class share {
    friend class turn_queue;
    steady_clock::duration used_{};  ///< as in start-time fair queueing, see add()
  };

  /// Calls `collect`, which may queue turns, and then begins to take them.
  template <class Collect>
  void collect_and_run(const Collect& collect) {
    collecting_ = true;
    collect();
    collecting_ = false;
    run();
  }

  explicit turn_queue(executor e, clock_function now = steady_clock::now)
      : executor_(std::move(e)), now_(std::move(now)) {}

  /// Queues a turn of the connection to which `s` belongs. A connection has one turn queued at a time, and
  /// may not queue one while it takes a turn. A connection that had no work counts as if it had used as much
  /// as the one that is served, so that it can neither save up time nor be in debt for time that nobody else
  /// wanted.
  void add(share& s, turn t);

  /// True if the turn that is being taken has lasted long enough. Reads the clock: call it now and then.
  [[nodiscard]] bool over() const { return now_() - turn_began_ >= max_turn; }

 private:
  /// The time after which a turn ends, and after which other handlers of the I/O thread run.
  static constexpr milliseconds max_turn{1};

  struct entry {
    share* owner;
    std::uint64_t sequence;
    turn next;
  };
  static bool is_later(const entry& a, const entry& b) {
    return a.owner->used_ != b.owner->used_ ? a.owner->used_ > b.owner->used_ : a.sequence > b.sequence;
  }
  void push(entry e);
  void schedule();
  void run();

  executor executor_;
  clock_function now_;
  std::vector<entry> waiting_;  ///< a heap; the next one is on top
  std::uint64_t last_sequence_ = 0;
  steady_clock::duration virtual_time_{};  ///< share::used_ of the connection served last, when it was served
  time_point turn_began_;
  bool collecting_ = false;
  bool scheduled_ = false;  ///< run() has been posted
};

}  // namespace emostream::net
