#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_ref.hpp>

#include "base/message.hpp"

namespace emostream::socketio {

struct arguments;

/// A type of which a value is one argument: what boost::json::value_from() converts, such as strings,
/// numbers, containers, and the types of an application that has a tag_invoke() for them.
template <class T>
concept argument_value =
    !std::same_as<std::remove_cvref_t<T>, arguments> && boost::json::has_value_from<T>::value;

/// Several parameters that are one argument each.
template <class... Values>
concept several_arguments = sizeof...(Values) > 1 && (argument_value<Values> && ...);

/// A member of an object in braces: {"x", 3}. Valid only during the call.
struct object_member {
  template <class Key>
  requires std::convertible_to<const Key&, std::string_view> object_member(const Key& k,
                                                                           boost::json::value_ref v)
      : key(k), value(v) {}
  std::string_view key;
  boost::json::value_ref value;
};

/// The members of an object in braces: {{"x", 3}, {"y", 4}}.
using object_members = std::initializer_list<object_member>;
boost::json::object to_object(object_members members);

/// The arguments of an event or acknowledgement: JSON values and binary attachments. In the values, an
/// attachment is represented by a placeholder, `{"_placeholder": true, "num": i}`, as in the wire protocol.
///
/// As a parameter, `{}` is no argument, any other value one argument, and braces are an object. A list in
/// braces does not compile; it could be an array or several arguments:
///
///     emit("x", {{"key", 1}});                                 // an object
///     emit("x", "a", 1);                                       // two arguments
///     emit("x", boost::json::array{"a", 1});                   // an array
///     emit("x", "a", boost::json::object{{"key", 1}});         // a string and an object
struct arguments {
  boost::json::array values;
  std::vector<shared_bytes> attachments;

  arguments() = default;
  template <argument_value Value>
  arguments(Value&& one) {
    values.push_back(boost::json::value_from(std::forward<Value>(one)));
  }
  arguments(object_members members) { values.push_back(to_object(members)); }

  /// The elements of `values` are the arguments.
  static arguments of(boost::json::array values, std::vector<shared_bytes> attachments = {});
  template <class... Values>
  requires several_arguments<Values...>
  static arguments of(Values&&... values) {
    arguments all;
    (all.values.push_back(boost::json::value_from(std::forward<Values>(values))), ...);
    return all;
  }

  /// The i-th value; null if there are fewer.
  [[nodiscard]] const boost::json::value& at(std::size_t i) const;
  /// The attachment that the placeholder `v` refers to; nullptr if `v` is not a valid placeholder.
  [[nodiscard]] shared_bytes attachment(const boost::json::value& v) const;
  /// Adds an attachment and returns its placeholder, to be added to `values`.
  boost::json::value attach(shared_bytes bytes);
};

/// A function that can be passed as a `Handler`. Used as a constraint of a template parameter, it excludes
/// braces, which would be meant as an argument.
template <class Function, class Handler>
concept handler_of = std::convertible_to<Function, Handler> && !argument_value<Function>;

/// Sends the acknowledgement that a client requested for an event. Can be kept and called later, on the I/O
/// thread. Only the first call, on any copy, sends. Does nothing if the client did not request an
/// acknowledgement or is disconnected.
class acknowledgement {
 public:
  using sender = std::function<void(const arguments&)>;

  acknowledgement() = default;
  explicit acknowledgement(sender send) : send_(std::make_shared<sender>(std::move(send))) {}
  /// True if an acknowledgement was requested and has not been sent.
  explicit operator bool() const { return send_ && *send_; }
  void operator()(const arguments& answer = {}) const;
  template <class... Values>
  requires several_arguments<Values...>
  void operator()(Values&&... values) const { (*this)(arguments::of(std::forward<Values>(values)...)); }

 private:
  std::shared_ptr<sender> send_;
};

/// An event received from a client, or from another server (see server_namespace::on_server_side()).
struct event {
  std::string name;
  arguments args;
  acknowledgement ack;
};

}  // namespace emostream::socketio
