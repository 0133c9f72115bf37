#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/packet.hpp"
#include "socketio/socketio_options.hpp"
#include "socketio/timer_queue.hpp"

namespace emostream::socketio {

/// What a socket leaves for its client to come back to.
struct lost_session {
  std::string pid;  ///< what the client proves itself with
  std::string id;
  std::string namespace_name;  ///< as the client calls it
  std::set<std::string, std::less<>> rooms;
  std::any data;
  std::uint64_t since = 0;  ///< the log's position from which on packets are for it
  time_point lost_at;
};

/// One event as it is encoded for each name that its receivers call the namespace by.
using event_forms = boost::container::small_vector<std::pair<std::string, encoded_packet>, 1>;

/// What one namespace keeps for the clients that it has lost: the events sent, in order, with whom they were
/// for, and the sessions. Both are bounded, and forgotten in time. I/O thread only.
class recovery_log {
 public:
  /// `on_idle` is called when the last session is forgotten, and may be the end of this. The others must
  /// outlive it.
  recovery_log(const options& opts, timer_queue& timers, std::function<void()> on_idle);
  recovery_log(const recovery_log&) = delete;
  recovery_log& operator=(const recovery_log&) = delete;

  /// True while somebody who is not connected may still come and ask what was sent.
  [[nodiscard]] bool awaited() const { return !sessions_.empty() || claimed_ > 0; }
  [[nodiscard]] bool awaits(const std::string& pid) const { return by_pid_.contains(pid); }
  /// Calls `visit` with each name by which those know the namespace.
  void for_each_name(const std::function<void(const std::string&)>& visit) const;

  /// The position that the next event gets.
  [[nodiscard]] std::uint64_t position() const { return first_ + events_.size(); }
  /// The same, as clients are given it.
  [[nodiscard]] std::string next_offset() const { return std::to_string(position()); }
  /// Keeps the event that was given next_offset().
  void append(const selection& to, event_forms forms);

  /// Keeps a session; the oldest is forgotten if there are too many.
  void keep(lost_session session);
  /// Sets the data of a session that is there.
  void set_data(const std::string& pid, const std::any& data);

  /// The session that a client asks for with the `pid` and `offset` in its auth, if all that it has missed is
  /// there; its `since` is where to go on. It is the caller's now: resume() it, or give it back.
  std::unique_ptr<lost_session> claim(const std::string& namespace_name, const boost::json::object& auth);
  /// What the client has missed; nullopt if meanwhile that is not there any more.
  std::optional<std::vector<encoded_packet>> resume(const lost_session& claimed);
  void give_back(lost_session claimed);

  [[nodiscard]] recovery_stats stats() const;

 private:
  struct sent_event {
    std::vector<std::string> rooms;
    std::vector<std::string> except;
    event_forms forms;
    std::size_t bytes;
    time_point at;
  };
  using session_list = std::list<lost_session>;

  [[nodiscard]] static bool is_for(const lost_session& s, const sent_event& e);
  void forget_name(const std::string& namespace_name);
  lost_session take(session_list::iterator which);
  void insert(session_list::iterator before, lost_session session);
  void drop_event();
  void arm();
  void sweep();

  const options& opts_;
  timer_queue& timers_;
  std::function<void()> on_idle_;

  std::deque<sent_event> events_;
  std::uint64_t first_ = 0;  ///< position of the first of these
  std::size_t bytes_ = 0;

  session_list sessions_;  ///< in order of being lost
  std::unordered_map<std::string, session_list::iterator> by_pid_;
  std::size_t claimed_ = 0;
  std::map<std::string, std::size_t> names_;  ///< how many sessions, claimed ones too, have that name

  recovery_stats counted_;
  timer_queue::guard alarm_;
  time_point alarm_at_;
};

}  // namespace emostream::socketio
