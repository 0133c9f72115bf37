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

/// A client's request to connect to a namespace that does not exist yet. Owned by the client: decisions of
/// predicates have no effect after it has been destroyed.
struct namespace_request {
  std::string name;
  socketio::handshake handshake;
  /// Gets nullptr if the namespace was not created.
  std::function<void(const std::shared_ptr<server_namespace>&)> done;
  std::size_t next_parent = 0;  ///< index of the parent to ask
};

/// A Socket.IO server without I/O: its namespaces and the state that its clients share. Must outlive the
/// clients. I/O thread only.
class hub {
 public:
  /// `on_earlier_deadline`, if set, is called when deadline() becomes earlier.
  explicit hub(options opts, std::function<void(time_point)> on_earlier_deadline = {});
  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;

  /// The namespace with this name or alias; created on first use, as a child if it matches the regular
  /// expression of a parent. A missing leading slash is added.
  server_namespace& of(std::string name);
  /// Makes `alias` another name of of(name). Throws std::logic_error if the alias is already in use.
  void alias(std::string alias, std::string name);
  /// Creates namespaces on demand, when a client connects to a name that `accepts` accepts and that does not
  /// exist yet. Several parents are asked in turn; the first that accepts creates the namespace.
  parent_namespace& of(parent_namespace::predicate accepts);
  /// Calls `done` of the request, immediately or later, with the namespace that a parent creates.
  void create_child(const std::shared_ptr<namespace_request>& request);
  /// Calls `handler` for each namespace created from now on, before any socket connects to it.
  void on_new_namespace(std::function<void(server_namespace&)> handler);
  /// Called by a namespace that has no sockets and no sessions to recover any more; may destroy it.
  void on_empty(server_namespace& empty);
  /// The namespace with this name or alias; nullptr if there is none.
  [[nodiscard]] server_namespace* find(std::string_view name) const;

  /// Adds a connection. Call its on_message() for each message, and its on_close() at the end. For a
  /// Socket.IO 2 client, `v2_id` is the id of its Engine.IO session, from which it derives its sockets' ids;
  /// it requires options::parser to be json_parser().
  std::shared_ptr<client> connect(std::unique_ptr<transport> output, shared_request request,
                                  std::string v2_id = {});

  /// When run_timers() is due; nullopt if no timer is set.
  [[nodiscard]] std::optional<time_point> deadline() const { return timers_.next(); }
  /// Runs the timers that are due at `now`.
  void run_timers(time_point now) { timers_.run(now); }
  [[deprecated("use run_timers()")]] void on_time(time_point now) { run_timers(now); }

  [[nodiscard]] const options& settings() const { return options_; }
  [[nodiscard]] const socketio::parser& parser() const { return *options_.parser; }
  [[nodiscard, deprecated("use parser()")]] const socketio::parser& encoding() const { return parser(); }
  [[nodiscard]] timer_queue& timers() { return timers_; }

 private:
  std::shared_ptr<server_namespace> add_child(parent_namespace& parent, const std::string& name);
  std::shared_ptr<server_namespace> add(std::shared_ptr<server_namespace> created);

  options options_;
  timer_queue timers_;
  std::map<std::string, std::shared_ptr<server_namespace>, std::less<>> namespaces_;  ///< by name or alias
  std::vector<std::unique_ptr<parent_namespace>> parents_;
  std::vector<std::function<void(server_namespace&)>> namespace_handlers_;
};

}  // namespace emostream::socketio
