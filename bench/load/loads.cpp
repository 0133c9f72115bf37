#include "load/loads.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "load/percentile.hpp"
#include "load/process.hpp"
#include "load/swarm.hpp"

namespace emostream::bench {

namespace {

constexpr std::size_t max_connecting = 32;

/// A server with more unanswered events per connection does not keep up with the rate.
constexpr std::size_t saturation_limit = 20;

time_point after(seconds s) {
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(s);
}

/// A measured interval: latencies, elapsed time and CPU time between start() and stop().
class window {
 public:
  explicit window(const target& t) : server_(t.pid), self_(0) {}

  [[nodiscard]] bool open() const { return open_; }
  void start() {
    open_ = true;
    began_ = steady_clock::now();
    server_cpu_ = -server_.cpu_seconds();
    own_cpu_ = -self_.cpu_seconds();
  }
  void stop() {
    open_ = false;
    server_cpu_ += server_.cpu_seconds();
    own_cpu_ += self_.cpu_seconds();
    elapsed_ = steady_clock::now() - began_;
  }

  /// Counts an event or a delivery that is completed now and was sent at, or scheduled for, `since`.
  void count(time_point since) { latencies_.push_back(seconds(steady_clock::now() - since).count() * 1e6); }

  [[nodiscard]] boost::json::object figures() {
    if (latencies_.empty()) throw std::runtime_error("no event was answered in the measured interval");
    const auto events = static_cast<double>(latencies_.size());
    return {{"events", latencies_.size()},
            {"per_second", events / elapsed_.count()},
            {"cpu_us", server_cpu_ / events * 1e6},
            {"p50_us", percentile(latencies_, 0.50)},
            {"p99_us", percentile(latencies_, 0.99)},
            {"server_busy", server_cpu_ / elapsed_.count()},
            {"load_busy", own_cpu_ / elapsed_.count()}};
  }

 private:
  process server_;
  process self_;
  bool open_ = false;
  time_point began_;
  seconds elapsed_{};
  double server_cpu_ = 0;
  double own_cpu_ = 0;
  std::vector<double> latencies_;
};

void run_until(swarm& clients, time_point end) {
  while (steady_clock::now() < end) clients.step(end);
}

boost::json::object echo_in_closed_loop(const target& t, const echo_load& load, swarm& clients) {
  window measured(t);
  std::vector<time_point> sent(load.connections);
  const auto send = [&](std::size_t client) {
    sent[client] = steady_clock::now();
    clients.send(client);
  };
  clients.on_answer = [&](std::size_t client) {
    if (measured.open()) measured.count(sent[client]);
    send(client);
  };
  for (std::size_t i = 0; i < load.connections; ++i) send(i);
  run_until(clients, after(t.warm_up));
  measured.start();
  run_until(clients, after(t.measured));
  measured.stop();
  return measured.figures();
}

boost::json::object echo_at_rate(const target& t, const echo_load& load, swarm& clients) {
  window measured(t);
  std::vector<std::deque<time_point>> due(load.connections);  // of unanswered events
  std::size_t unanswered = 0;
  clients.on_answer = [&](std::size_t client) {
    if (measured.open()) measured.count(due[client].front());
    due[client].pop_front();
    --unanswered;
  };

  std::mt19937 random(1);
  std::exponential_distribution<double> gap(load.rate);
  std::size_t client = 0;
  auto next = steady_clock::now();
  // Returns false if the server does not keep up.
  const auto run_until = [&](time_point end) {
    while (next < end) {
      for (; next <= steady_clock::now(); client = (client + 1) % load.connections) {
        due[client].push_back(next);
        if (++unanswered > saturation_limit * load.connections) return false;
        clients.send(client);
        next += std::chrono::duration_cast<steady_clock::duration>(seconds(gap(random)));
      }
      clients.step(next);
    }
    return true;
  };
  bool kept_up = run_until(after(t.warm_up));
  measured.start();
  kept_up = kept_up && run_until(after(t.measured));
  measured.stop();
  if (!kept_up) return {{"saturated", true}};
  return measured.figures();
}

}  // namespace

boost::json::object run(const target& t, const echo_load& load) {
  swarm clients(t.port,
                load.binary ? exchange::binary("echo", load.bytes) : exchange::text("echo", load.bytes));
  clients.connect(load.connections, max_connecting);
  return load.rate > 0 ? echo_at_rate(t, load, clients) : echo_in_closed_loop(t, load, clients);
}

boost::json::object run(const target& t, const broadcast_load& load) {
  swarm clients(t.port, exchange::text("broadcast", load.bytes));
  clients.connect(load.connections, max_connecting);

  window measured(t);
  time_point sent;
  std::size_t received = 0;
  const auto send = [&] {
    received = 0;
    sent = steady_clock::now();
    clients.send(0);
  };
  clients.on_answer = [&](std::size_t) {
    if (measured.open()) measured.count(sent);
    if (++received == load.connections) send();
  };
  send();
  run_until(clients, after(t.warm_up));
  measured.start();
  run_until(clients, after(t.measured));
  measured.stop();
  return measured.figures();
}

boost::json::object run(const target& t, const idle_load& load) {
  const process server(t.pid);
  swarm clients(t.port, {});
  clients.connect(1, 1);  // one-time allocations of the first connection are not counted
  run_until(clients, after(t.warm_up));

  const auto memory = server.resident_bytes();
  const auto cpu = server.cpu_seconds();
  const auto began = steady_clock::now();
  clients.connect(load.connections, load.max_connecting);
  const auto elapsed = seconds(steady_clock::now() - began).count();
  const auto cpu_used = server.cpu_seconds() - cpu;
  run_until(clients, after(load.settle));
  const auto grown = static_cast<double>(server.resident_bytes()) - static_cast<double>(memory);

  const auto count = static_cast<double>(load.connections);
  return {{"connections", load.connections},
          {"per_second", count / elapsed},
          {"cpu_us", cpu_used / count * 1e6},
          {"resident_kb", grown / 1024 / count},
          {"server_busy", cpu_used / elapsed}};
}

}  // namespace emostream::bench
