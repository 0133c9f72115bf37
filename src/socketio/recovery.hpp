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

/// The state of a disconnected socket, which its client can restore.
struct lost_session {
  std::string pid;  ///< secret that identifies the client
  std::string id;
  std::string namespace_name;  ///< as the client requested it
  std::set<std::string, std::less<>> rooms;
  std::any data;
  std::uint64_t since = 0;  ///< position of the first event in the log that may be for this session
  time_point lost_at;
};

/// An event, encoded once for each name or alias by which its receivers know the namespace.
using encoded_event = boost::container::small_vector<std::pair<std::string, encoded_packet>, 1>;

/// What one namespace keeps for connection state recovery: the sent events, in order and with their
/// selections, and the sessions of disconnected sockets. Both are limited in number and expire. I/O thread
/// only.
class recovery_log {
 public:
  /// `on_idle` is called when the last session has expired, and may destroy this object. `opts` and `timers`
  /// must outlive it.
  recovery_log(const options& opts, timer_queue& timers, std::function<void()> on_idle);
  recovery_log(const recovery_log&) = delete;
  recovery_log& operator=(const recovery_log&) = delete;

  /// True while there are sessions, including claimed ones.
  [[nodiscard]] bool has_sessions() const { return !sessions_.empty() || claimed_ > 0; }
  [[nodiscard]] bool has_session(const std::string& pid) const { return by_pid_.contains(pid); }
  /// Calls `visit` with each name or alias by which the sessions' clients know the namespace.
  void for_each_namespace_name(const std::function<void(const std::string&)>& visit) const;

  /// The position of the next event.
  [[nodiscard]] std::uint64_t position() const { return first_position_ + events_.size(); }
  /// The position of the next event, as sent to clients.
  [[nodiscard]] std::string next_offset() const { return std::to_string(position()); }
  /// Appends the event that was encoded with next_offset().
  void append(const selection& to, encoded_event encoded);

  /// Adds a session; drops the oldest one if there are too many.
  void add(lost_session session);
  /// Sets the data of a session, if it exists.
  void set_data(const std::string& pid, const std::any& data);

  /// Removes and returns the session that a client requests with `pid` and `offset` in its auth; its `since`
  /// is the position of the first missed event. Null if there is no such session. Also null, and the session
  /// is dropped, if it has another namespace name or has expired, the offset is invalid, or some of the
  /// missed events were dropped. The caller must pass a returned session to resume() or release().
  std::unique_ptr<lost_session> claim(const std::string& namespace_name, const boost::json::object& auth);
  /// The events that the client missed; nullopt if some were dropped since claim().
  std::optional<std::vector<encoded_packet>> resume(const lost_session& claimed);
  /// Puts a claimed session back.
  void release(lost_session claimed);

  [[nodiscard]] recovery_stats stats() const;

 private:
  struct sent_event {
    std::vector<std::string> rooms;
    std::vector<std::string> except;
    encoded_event encoded;
    std::size_t bytes;
    time_point sent_at;
  };
  using session_list = std::list<lost_session>;

  [[nodiscard]] static bool is_for(const lost_session& s, const sent_event& e);
  void decrement_name_count(const std::string& namespace_name);
  lost_session extract(session_list::iterator which);
  void insert(session_list::iterator before, lost_session session);
  void drop_event();
  void schedule_expiry();
  void expire();

  const options& opts_;
  timer_queue& timers_;
  std::function<void()> on_idle_;

  std::deque<sent_event> events_;
  std::uint64_t first_position_ = 0;  ///< of events_.front()
  std::size_t bytes_ = 0;

  session_list sessions_;  ///< ordered by lost_at
  std::unordered_map<std::string, session_list::iterator> by_pid_;
  std::size_t claimed_ = 0;
  std::map<std::string, std::size_t> name_counts_;  ///< sessions per namespace name, including claimed ones

  recovery_stats counters_;
  timer_queue::guard expiry_timer_;
  time_point expiry_at_;
};

}  // namespace emostream::socketio
