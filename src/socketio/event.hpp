#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "base/message.hpp"

namespace emostream::socketio {

/// The arguments of an event: JSON values, in which a binary attachment stands as the object
/// `{"_placeholder": true, "num": i}` of the wire protocol, and the attachments beside them.
struct arguments {
  boost::json::array values;
  std::vector<shared_bytes> attachments;

  arguments() = default;  // so it is no aggregate: emit("name", {{"key", 1}}) means one value, an object
  static arguments of(boost::json::array values, std::vector<shared_bytes> attachments = {});

  /// The i-th value, or null where the client sent fewer.
  [[nodiscard]] const boost::json::value& at(std::size_t i) const;
  /// The attachment that `v` stands for; nullptr if it is not a placeholder of one.
  [[nodiscard]] shared_bytes attachment(const boost::json::value& v) const;
  /// Adds an attachment and returns the placeholder to put into values.
  boost::json::value attach(shared_bytes bytes);
};

/// Answers an event that asked for an acknowledgement, once, whichever copy is called; may be kept and called
/// later on the I/O thread. Does nothing if the client did not ask, was answered already, or is gone.
class acknowledgement {
 public:
  using sender = std::function<void(const arguments&)>;

  acknowledgement() = default;
  explicit acknowledgement(sender send) : send_(std::make_shared<sender>(std::move(send))) {}
  /// True if the client waits for an answer.
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

/// One event received from a client.
struct event {
  std::string name;
  arguments args;
  acknowledgement ack;
};

}  // namespace emostream::socketio
