#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "socketio/internal.hpp"
#include "socketio/middleware.hpp"
#include "socketio/namespace.hpp"
#include "socketio/namespace_predicate.hpp"

namespace emostream::socketio {

class hub;

/// Creates a child namespace when a client connects to a name that the predicate accepts. A child gets the
/// middlewares and connection handlers added to its parent so far. I/O thread only; lives as long as the hub.
class parent_namespace {
 public:
  using predicate = namespace_predicate;

  explicit parent_namespace(predicate accepts) : accepts_(std::move(accepts)) {}
  parent_namespace(const parent_namespace&) = delete;
  parent_namespace& operator=(const parent_namespace&) = delete;

  /// See server_namespace.
  void use(middleware step) { middlewares_.push_back(std::move(step)); }
  void on_connection(server_namespace::connection_handler handler);

  /// Sends an event to every socket of every child.
  void emit(std::string_view name, const arguments& args = {}) const;
  template <class... Values>
  requires several_arguments<Values...>
  void emit(std::string_view name, Values&&... values) const {
    emit(name, arguments::of(std::forward<Values>(values)...));
  }
  void send(const arguments& args = {}) const { emit("message", args); }

  /// The number of existing children.
  [[nodiscard]] std::size_t child_count() const { return children_.size(); }
  [[nodiscard, deprecated("use child_count()")]] std::size_t children() const { return child_count(); }
  /// Calls `visit` for each child; `visit` may disconnect its sockets.
  void for_each_child(const std::function<void(server_namespace&)>& visit) const;

  // Called by the hub.

  /// Calls `decide` when the predicate has decided.
  void decide(internal, std::string_view name, const boost::json::object& auth, const decision& decide) const;
  /// Whether the predicate is a regular expression that matches.
  [[nodiscard]] bool matches(internal, std::string_view name) const;
  std::shared_ptr<server_namespace> create(internal, hub& owner, const std::string& name);
  void remove(internal, std::string_view name);

 private:
  predicate accepts_;
  std::vector<middleware> middlewares_;
  std::vector<server_namespace::connection_handler> connection_handlers_;
  std::map<std::string, std::shared_ptr<server_namespace>, std::less<>> children_;
};

}  // namespace emostream::socketio
