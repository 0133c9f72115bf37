#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/message.hpp"

namespace emostream::socketio {

/// The arguments of an event or acknowledgement: JSON values and binary attachments. In the values, an
/// attachment is represented by a placeholder, `{"_placeholder": true, "num": i}`, as in the wire protocol.
struct arguments {
  boost::json::array values;
  std::vector<shared_bytes> attachments;

  // Not an aggregate, so that in emit("name", {{"key", 1}}) the braces are one value, an object.
  arguments() = default;
  static arguments of(boost::json::array values, std::vector<shared_bytes> attachments = {});

  /// The i-th value; null if there are fewer.
  [[nodiscard]] const boost::json::value& at(std::size_t i) const;
  /// The attachment that the placeholder `v` refers to; nullptr if `v` is not a valid placeholder.
  [[nodiscard]] shared_bytes attachment(const boost::json::value& v) const;
  /// Adds an attachment and returns its placeholder, to be added to `values`.
  boost::json::value attach(shared_bytes bytes);
};

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
  void operator()(const arguments& answer) const {
    if (!*this) return;
    const sender send = std::exchange(*send_, nullptr);
    send(answer);
  }
  void operator()(boost::json::value answer) const {
    arguments args;
    args.values.push_back(std::move(answer));
    (*this)(args);
  }

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
