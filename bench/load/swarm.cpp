#include "load/swarm.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace emostream::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_size = 256 * 1024;
constexpr auto connect_patience = 120s;

int checked(int returned, const char* what) {
  if (returned < 0) throw std::system_error(errno, std::generic_category(), what);
  return returned;
}

// Sent by all clients, and never freed.
const std::string upgrade = upgrade_request();
const std::string join = client_frame({opcode::text, "40"});
const std::string pong = client_frame({opcode::text, "3"});

int connecting_socket(std::uint16_t port) {
  const int fd = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0 && errno != EINPROGRESS)
    throw std::system_error(errno, std::generic_category(), "connect");
  return fd;
}

}  // namespace

descriptor::~descriptor() {
  ::close(fd_);
}

class swarm::client {
 public:
  client(swarm& owner, std::size_t number)
      : owner_(owner), number_(number), fd_(connecting_socket(owner.port_)) {
    epoll_event interest{EPOLLIN | EPOLLOUT, {.ptr = this}};
    checked(::epoll_ctl(owner_.epoll_.get(), EPOLL_CTL_ADD, fd_.get(), &interest), "epoll_ctl");
    unsent_.push_back(upgrade);
  }

  /// `bytes` must live as long as the client.
  void send(std::string_view bytes) {
    unsent_.push_back(bytes);
    if (unsent_.size() == 1) write();
  }

  void on_events(std::uint32_t events) {
    if (events & EPOLLOUT) write();
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) read();
  }

 private:
  enum class state { upgrading, opening, joining, ready };

  void write() {
    while (!unsent_.empty()) {
      auto& next = unsent_.front();
      const auto sent = ::send(fd_.get(), next.data(), next.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) throw std::system_error(errno, std::generic_category(), "send");
      if (sent > 0) next.remove_prefix(static_cast<std::size_t>(sent));
      if (!next.empty()) break;
      unsent_.erase(unsent_.begin());
    }
    if (const bool blocked = !unsent_.empty(); blocked != std::exchange(waits_to_write_, blocked)) {
      epoll_event interest{blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, {.ptr = this}};
      checked(::epoll_ctl(owner_.epoll_.get(), EPOLL_CTL_MOD, fd_.get(), &interest), "epoll_ctl");
    }
  }

  void read() {
    auto& buffer = owner_.buffer_;
    const auto size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0) throw std::system_error(errno, std::generic_category(), "recv");
    if (size == 0) throw std::runtime_error("the server closed a connection");
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    if (state_ == state::upgrading) bytes = read_upgrade(bytes);
    frames_.feed(bytes, [this](const frame_reader::received& f) { on_frame(f); });
  }

  /// What is left after the answer to the upgrade.
  std::string_view read_upgrade(std::string_view bytes) {
    const auto before = head_.size();
    head_ += bytes;
    const auto end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return {};
    if (!head_.starts_with("HTTP/1.1 101 ") || head_.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") > end)
      throw std::runtime_error("the server did not upgrade: " + head_.substr(0, end));
    std::string().swap(head_);
    state_ = state::opening;
    return bytes.substr(end + 4 - before);
  }

  void on_frame(const frame_reader::received& f) {
    if (f.op == opcode::text && f.first == '2' && f.size == 1) return send(pong);
    if (f.op == opcode::ping) return on_websocket_ping(f.content);
    expect(f.op != opcode::close, f);
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
      case state::upgrading:
        break;
    }
  }

  /// uvicorn has a heartbeat of its own beside Engine.IO's.
  void on_websocket_ping(std::string_view content) {
    if (!unsent_.empty()) return;  // the earlier answer may be among it; the server will ask again
    websocket_pong_ = client_frame({opcode::pong, std::string(content)});
    send(websocket_pong_);
  }

  static void expect(bool met, const frame_reader::received& f) {
    if (met) return;
    throw std::runtime_error("the server answered " + std::to_string(f.size) +
                             " bytes that were not expected: " + std::string(f.content.substr(0, 100)));
  }

  swarm& owner_;
  std::size_t number_;
  descriptor fd_;
  state state_ = state::upgrading;
  std::string head_;                      // of the answer to the upgrade
  std::vector<std::string_view> unsent_;  // the first one partly sent, perhaps
  std::string websocket_pong_;
  bool waits_to_write_ = true;
  frame_reader frames_;
  std::size_t answered_ = 0;  // of the event's answer, frames received
};

swarm::swarm(std::uint16_t port, exchange event)
    : port_(port),
      event_(std::move(event)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      buffer_(read_size) {}

swarm::~swarm() = default;

void swarm::connect(std::size_t count, std::size_t at_once) {
  const auto wanted = clients_.size() + count;
  const auto deadline = steady_clock::now() + connect_patience;
  while (ready_ < wanted) {
    while (clients_.size() < wanted && clients_.size() - ready_ < at_once)
      clients_.push_back(std::make_unique<client>(*this, clients_.size()));
    if (steady_clock::now() > deadline)
      throw std::runtime_error("only " + std::to_string(ready_) + " of " + std::to_string(wanted) +
                               " connections in time");
    step(steady_clock::now() + 100ms);
  }
}

void swarm::send(std::size_t number) {
  clients_[number]->send(event_.request);
}

void swarm::step(time_point until) {
  const auto left = std::max(until - steady_clock::now(), steady_clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds) / 1ns};
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) checked(count, "epoll_pwait2");
  for (int i = 0; i < count; ++i) static_cast<client*>(events[i].data.ptr)->on_events(events[i].events);
}

}  // namespace emostream::bench
