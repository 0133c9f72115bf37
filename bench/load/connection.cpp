#include "load/connection.hpp"

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

int checked(int returned, const char* what) {
  if (returned < 0) throw std::system_error(errno, std::generic_category(), what);
  return returned;
}

// Sent by all clients and never destroyed while they exist.
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

poller::poller() : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), buffer_(read_size) {}

void poller::step(time_point until) {
  const auto left = std::max(until - steady_clock::now(), steady_clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds) / 1ns};
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) checked(count, "epoll_pwait2");
  for (int i = 0; i < count; ++i) static_cast<connection*>(events[i].data.ptr)->on_events(events[i].events);
}

connection::connection(poller& owner, std::uint16_t port, std::string_view upgrade, std::size_t short_frame)
    : owner_(owner), fd_(connecting_socket(port)), frames_(short_frame) {
  epoll_event interest{EPOLLIN | EPOLLOUT, {.ptr = this}};
  checked(::epoll_ctl(owner_.epoll_.get(), EPOLL_CTL_ADD, fd_.get(), &interest), "epoll_ctl");
  unsent_.push_back({{}, upgrade});
}

void connection::send(std::string_view bytes) {
  unsent_.push_back({{}, bytes});
  if (unsent_.size() == 1) write();
}

void connection::send_copy(std::string bytes) {
  auto& last = unsent_.emplace_back();  // a deque does not move its elements
  last.own = std::move(bytes);
  last.left = last.own;
  if (unsent_.size() == 1) write();
}

void connection::on_events(std::uint32_t events) {
  if (events & EPOLLOUT) write();
  if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) read();
}

void connection::write() {
  while (!unsent_.empty()) {
    auto& next = unsent_.front().left;
    const auto sent = ::send(fd_.get(), next.data(), next.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) throw std::system_error(errno, std::generic_category(), "send");
    if (sent > 0) next.remove_prefix(static_cast<std::size_t>(sent));
    if (!next.empty()) break;
    unsent_.pop_front();
  }
  if (const bool blocked = !unsent_.empty(); blocked != std::exchange(write_pending_, blocked)) {
    epoll_event interest{blocked ? EPOLLIN | EPOLLOUT : EPOLLIN, {.ptr = this}};
    checked(::epoll_ctl(owner_.epoll_.get(), EPOLL_CTL_MOD, fd_.get(), &interest), "epoll_ctl");
  }
}

void connection::read() {
  auto& buffer = owner_.buffer_;
  const auto size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size < 0) throw std::system_error(errno, std::generic_category(), "recv");
  if (size == 0) throw std::runtime_error("the server closed a connection");
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
  if (!upgraded_) bytes = read_upgrade(bytes);
  frames_.feed(bytes, [this](const frame_reader::received& f) { take(f); });
}

/// Reads the response to the upgrade; returns the bytes after it.
std::string_view connection::read_upgrade(std::string_view bytes) {
  const auto before = head_.size();
  head_ += bytes;
  const auto end = head_.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  if (!head_.starts_with("HTTP/1.1 101 ") || head_.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") > end)
    throw std::runtime_error("the server did not upgrade: " + head_.substr(0, end));
  std::string().swap(head_);
  upgraded_ = true;
  return bytes.substr(end + 4 - before);
}

void connection::take(const frame_reader::received& f) {
  if (f.op == opcode::text && f.first == '2' && f.size == 1) return send(pong);
  // uvicorn sends WebSocket pings in addition to those of Engine.IO.
  if (f.op == opcode::ping) return send_copy(client_frame({opcode::pong, std::string(f.content)}));
  expect(f.op != opcode::close, f);
  on_frame(f);
}

void connection::expect(bool met, const frame_reader::received& f) {
  if (met) return;
  throw std::runtime_error("the server answered " + std::to_string(f.size) +
                           " unexpected bytes: " + std::string(f.content.substr(0, 200)));
}

}  // namespace emostream::bench
