#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "socketio/event.hpp"

namespace emostream::socketio {

/// Identifies a handler or an observer, so that it can be removed.
enum class listener : std::uint64_t {};

/// The event handlers and observers of one socket, in the order in which they were added. Handlers may be
/// added and removed while one runs; that takes effect with the next event. I/O thread only.
class listeners {
 public:
  using handler = std::function<void(event&)>;
  using observer = std::function<void(std::string_view name, const arguments&)>;

  listener on(std::string name, handler run, bool once);
  void off(std::string_view name) { erase(handlers_.find(name)); }
  void off(listener which);
  void on_unhandled(handler run);

  enum class position { first, last };
  listener on_any(observer run, position at) { return add(incoming_, std::move(run), at); }
  listener on_any_outgoing(observer run, position at) { return add(outgoing_, std::move(run), at); }
  void off_any() { incoming_.clear(); }
  void off_any_outgoing() { outgoing_.clear(); }

  /// Calls the observers and handlers of a received event.
  void dispatch(event& e);
  /// Calls the observers of outgoing events.
  void notify_outgoing(std::string_view name, const arguments& args) const {
    if (!outgoing_.empty()) notify(outgoing_, name, args);
  }

  /// Removes all handlers and observers, and discards those that are added later.
  void close();

 private:
  template <class Function>
  struct entry {
    listener id;
    std::shared_ptr<const Function> run;  ///< shared, since it may be removed while it runs
    bool once = false;
  };
  template <class Function>
  using entries = boost::container::small_vector<entry<Function>, 1>;
  using observers = std::vector<entry<observer>>;
  using handler_map = std::map<std::string, entries<handler>, std::less<>>;

  listener add(observers& to, observer run, position at);
  static void notify(observers to, std::string_view name, const arguments& args);
  void erase(handler_map::iterator which);

  handler_map handlers_;  ///< by event name; no list is empty
  std::shared_ptr<const handler> unhandled_;
  observers incoming_;
  observers outgoing_;
  std::uint64_t next_id_ = 0;
  bool closed_ = false;
};

}  // namespace emostream::socketio
