#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "load/connection.hpp"
#include "load/wire.hpp"

namespace emostream::bench {

/// Many Socket.IO clients in one thread, at minimal cost: they send bytes that were encoded in advance, and
/// compare the bytes that they receive instead of decoding them. Of long messages that arrive in pieces, only
/// the opcode and the size are compared.
class swarm {
 public:
  swarm(std::uint16_t port, exchange event);
  ~swarm();

  /// Called for each complete answer, with the number of the client that received it.
  std::function<void(std::size_t client)> on_answer = [](std::size_t) {};

  /// Connects `count` more clients, at most `max_connecting` of them concurrently.
  void connect(std::size_t count, std::size_t max_connecting);
  /// Sends the event from a client.
  void send(std::size_t client);
  /// Waits for I/O until `until` at most and handles one batch.
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
