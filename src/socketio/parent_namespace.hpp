#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "socketio/middleware.hpp"
#include "socketio/namespace.hpp"

namespace emostream::socketio {

class hub;

/// Makes namespaces when clients ask for them by names that its predicate accepts; each has the middlewares
/// and handlers that were set here before. I/O thread only; as old as the server.
class parent_namespace {
 public:
  /// Whether there is to be a namespace of that name; what it throws is a no.
  using predicate = std::function<bool(std::string_view name, const boost::json::object& auth)>;

  explicit parent_namespace(predicate accepts) : accepts_(std::move(accepts)) {}
  parent_namespace(const parent_namespace&) = delete;
  parent_namespace& operator=(const parent_namespace&) = delete;

  /// See server_namespace.
  void use(middleware step) { middlewares_.push_back(std::move(step)); }
  void on_connection(server_namespace::connection_handler handler);

  /// To every socket of every child.
  void emit(std::string_view name, const arguments& args) const;
  void emit(std::string_view name, boost::json::value argument) const;

  /// How many namespaces it has made that are there.
  [[nodiscard]] std::size_t child_count() const { return children_.size(); }
  [[nodiscard, deprecated("use child_count()")]] std::size_t children() const { return child_count(); }
  /// Calls `visit` for each of them; it may empty them.
  void for_each_child(const std::function<void(server_namespace&)>& visit) const;

 private:
  friend class hub;
  [[nodiscard]] bool accepts(std::string_view name, const boost::json::object& auth) const;
  std::shared_ptr<server_namespace> make(hub& owner, const std::string& name);
  void forget(std::string_view name);

  predicate accepts_;
  std::vector<middleware> middlewares_;
  std::vector<server_namespace::connection_handler> connection_handlers_;
  std::map<std::string, std::shared_ptr<server_namespace>, std::less<>> children_;
};

}  // namespace emostream::socketio
