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

/// Names a handler, in order to take it away again.
enum class listener : std::uint64_t {};

/// Handlers of the events of one socket, in the order in which they came. They may come and go while one of
/// them runs; those that an event has found still hear it. I/O thread only.
class listeners {
 public:
  using handler = std::function<void(event&)>;
  using observer = std::function<void(std::string_view name, const arguments&)>;

  listener on(std::string name, handler run, bool once);
  void off(std::string_view name) { erase(handlers_.find(name)); }
  void off(listener which);
  void on_unhandled(handler run);

  listener on_any(observer run) { return add(incoming_, std::move(run)); }
  listener on_any_outgoing(observer run) { return add(outgoing_, std::move(run)); }
  void off_any() { incoming_.clear(); }
  void off_any_outgoing() { outgoing_.clear(); }

  /// Calls who is to hear of an event received.
  void dispatch(event& e);
  /// Calls who watches what is sent.
  void sending(std::string_view name, const arguments& args) const {
    if (!outgoing_.empty()) tell(outgoing_, name, args);
  }

  void clear();

 private:
  template <class Function>
  struct slot {
    listener id;
    std::shared_ptr<const Function> run;  ///< shared: it may be taken away while it runs
    bool once = false;
  };
  template <class Function>
  using slots = boost::container::small_vector<slot<Function>, 1>;
  using observers = std::vector<slot<observer>>;
  using handler_map = std::map<std::string, slots<handler>, std::less<>>;

  listener add(observers& to, observer run);
  static void tell(observers to, std::string_view name, const arguments& args);
  void erase(handler_map::iterator which);

  handler_map handlers_;  ///< no list is empty
  std::shared_ptr<const handler> unhandled_;
  observers incoming_;
  observers outgoing_;
  std::uint64_t added_ = 0;
};

}  // namespace emostream::socketio
