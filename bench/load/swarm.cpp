#include "load/swarm.hpp"

#include <stdexcept>
#include <utility>

namespace emostream::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto connect_timeout = 120s;

// Sent by all clients and never destroyed while they exist.
const std::string upgrade = upgrade_request("/socket.io/");
const std::string join = client_frame({opcode::text, "40"});

}  // namespace

class swarm::client : public connection {
 public:
  client(swarm& owner, std::size_t number)
      : connection(owner.poller_, owner.port_, upgrade), owner_(owner), number_(number) {}

 private:
  enum class state { opening, joining, ready };

  void on_frame(const frame_reader::received& f) override {
    switch (state_) {
      case state::opening:
        expect(f.op == opcode::text && f.first == '0', f);
        state_ = state::joining;
        return send(join);
      case state::joining:
        expect(f.content.starts_with("40{"), f);
        state_ = state::ready;
        ++owner_.ready_;
        return;
      case state::ready: {
        const auto& answer = owner_.event_.answer;
        expect(!answer.empty(), f);
        const auto& wanted = answer[answered_];
        expect(f.op == wanted.op && f.size == wanted.payload.size() &&
                   (f.content.empty() || f.content == wanted.payload),
               f);
        if (++answered_ < answer.size()) return;
        answered_ = 0;
        return owner_.on_answer(number_);
      }
    }
  }

  swarm& owner_;
  std::size_t number_;
  state state_ = state::opening;
  std::size_t answered_ = 0;  // received frames of the event's answer
};

swarm::swarm(std::uint16_t port, exchange event) : port_(port), event_(std::move(event)) {}

swarm::~swarm() = default;

void swarm::connect(std::size_t count, std::size_t max_connecting) {
  const auto wanted = clients_.size() + count;
  const auto deadline = steady_clock::now() + connect_timeout;
  while (ready_ < wanted) {
    while (clients_.size() < wanted && clients_.size() - ready_ < max_connecting)
      clients_.push_back(std::make_unique<client>(*this, clients_.size()));
    if (steady_clock::now() > deadline)
      throw std::runtime_error("only " + std::to_string(ready_) + " of " + std::to_string(wanted) +
                               " clients connected in time");
    step(steady_clock::now() + 100ms);
  }
}

void swarm::send(std::size_t number) {
  clients_[number]->send(event_.request);
}

}  // namespace emostream::bench
