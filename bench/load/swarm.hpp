#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "load/connection.hpp"
#include "load/wire.hpp"

namespace emostream::bench {

/// Many Socket.IO clients in one thread, as cheap as they can be: what they send was encoded before, what
/// they receive is compared, or where it comes in pieces measured, and not decoded.
class swarm {
 public:
  swarm(std::uint16_t port, exchange event);
  ~swarm();

  /// Called for each complete answer, with the number of the client that got it.
  std::function<void(std::size_t client)> on_answer = [](std::size_t) {};

  /// Connects that many more, with at most `at_once` between SYN and CONNECT's answer.
  void connect(std::size_t count, std::size_t at_once);
  /// Sends the event from that client.
  void send(std::size_t client);
  /// Handles what happens, until then at most; returns after each batch of the kernel's.
  void step(time_point until) { poller_.step(until); }

 private:
  class client;

  std::uint16_t port_;
  exchange event_;
  poller poller_;
  std::vector<std::unique_ptr<client>> clients_;
  std::size_t ready_ = 0;
};

}  // namespace emostream::bench
