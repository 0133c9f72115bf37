#pragma once

namespace emostream::socketio {

/// A passkey: methods with an `internal` parameter are for this library's own classes, since only those can
/// create one. Such a method exposes one operation, where a `friend` declaration would expose all private
/// members.
class internal {
  explicit internal() = default;

  friend class client;
  friend class hub;
  friend class server_namespace;
  friend class socket;
  friend class unicast;
};

}  // namespace emostream::socketio
