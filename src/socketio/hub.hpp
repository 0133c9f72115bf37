#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "socketio/namespace.hpp"
#include "socketio/parent_namespace.hpp"
#include "socketio/socketio_options.hpp"
#include "socketio/timer_queue.hpp"
#include "socketio/transport.hpp"

namespace emostream::socketio {

class client;

/// A Socket.IO server without its network: the namespaces, and what all clients share. It must outlive the
/// clients. I/O thread only.
class hub {
 public:
  /// `earlier`, if any, is called when deadline() has moved to an earlier time.
  explicit hub(options opts, std::function<void(time_point)> earlier = {});
  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;

  /// The namespace of that name (or alias); made on first use. A missing leading slash is added.
  server_namespace& of(std::string name);
  /// Makes `alias` another name of of(name). Throws std::logic_error if that name is taken.
  void alias(std::string alias, std::string name);
  /// Makes namespaces as clients ask for them, if `accepts` says so: for names that of() and alias() were not
  /// given. Of several parents the first that accepts has the name.
  parent_namespace& of(parent_namespace::predicate accepts);
  /// The namespace that clients know by that name, now made by a parent if need be; nullptr if there is none.
  std::shared_ptr<server_namespace> admit(const std::string& name, const boost::json::object& auth);
  /// Calls `handler` for each namespace that is made from now on, before anybody is in it.
  void on_new_namespace(std::function<void(server_namespace&)> handler);
  /// Nobody is in the namespace any more.
  void on_empty(server_namespace& left);
  /// The namespace that clients know by that name; nullptr if there is none.
  [[nodiscard]] server_namespace* find(std::string_view name) const;

  /// A new connection. Feed its on_message() and, at the end, its on_close(). One of Socket.IO 2 is given its
  /// transport's id as `v2_id`, which it knows its sockets by; its packets are always JSON.
  std::shared_ptr<client> connect(std::unique_ptr<transport> output, shared_request request,
                                  std::string v2_id = {});

  /// When run_timers() is next to be called.
  [[nodiscard]] std::optional<time_point> deadline() const { return timers_.next(); }
  /// Does what is due at `now`.
  void run_timers(time_point now) { timers_.run(now); }
  [[deprecated("use run_timers()")]] void on_time(time_point now) { run_timers(now); }

  [[nodiscard]] const options& settings() const { return options_; }
  [[nodiscard]] const socketio::parser& parser() const { return *options_.parser; }
  [[nodiscard, deprecated("use parser()")]] const socketio::parser& encoding() const { return parser(); }
  [[nodiscard]] timer_queue& timers() { return timers_; }

 private:
  void announce(server_namespace& made);

  options options_;
  timer_queue timers_;
  std::map<std::string, std::shared_ptr<server_namespace>, std::less<>> names_;  ///< aliases too
  std::vector<std::unique_ptr<parent_namespace>> parents_;
  std::vector<std::function<void(server_namespace&)>> namespace_handlers_;
};

}  // namespace emostream::socketio
