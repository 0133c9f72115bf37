#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "socketio/event.hpp"

namespace emostream::socketio {

class server_namespace;

/// Which sockets of a namespace a broadcast is for.
struct selection {
  std::vector<std::string> rooms;   ///< in any of these; empty: all sockets
  std::vector<std::string> except;  ///< and in none of these
};

/// An event on its way to several sockets of a namespace: say whom, then emit. A value; I/O thread only.
///
///   nsp.to("a").to("b").except("c").emit("news", {{"headline", "…"}});
///
/// A socket in several of the rooms gets it once. It is encoded once, and not at all if nobody is there.
class broadcast {
 public:
  /// Also to the sockets in that room (or the one of that id).
  broadcast& to(std::string room) &;
  broadcast to(std::string room) &&;
  /// But not to those in that room.
  broadcast& except(std::string room) &;
  broadcast except(std::string room) &&;

  void emit(std::string_view name, boost::json::value argument) const;
  void emit(std::string_view name, const arguments& args) const;

 private:
  friend class server_namespace;
  friend class socket;
  explicit broadcast(server_namespace& nsp) : nsp_(&nsp) {}

  server_namespace* nsp_;
  selection selection_;
};

}  // namespace emostream::socketio
