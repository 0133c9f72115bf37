#include "net/poller.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

namespace emostream::net {

namespace {

int checked(int returned, const char* what) {
  if (returned < 0) throw std::system_error(errno, std::generic_category(), what);
  return returned;
}

error_code last_error() {
  if (errno == EAGAIN) return asio::error::would_block;
  return {errno, boost::system::system_category()};
}

}  // namespace

// The epoll set.

poller::poller(asio::io_context& io, turn_queue& turns)
    : turns_(turns), set_(io.get_executor(), checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  wait();
}

poller::~poller() {
  while (!sockets_.empty()) {
    auto& s = sockets_.front();
    sockets_.pop_front();
    ::close(std::exchange(s.descriptor_, -1));
    const auto destroyed = std::pair(std::move(s.on_readable_), std::move(s.on_writable_));
  }
}

void poller::wait() {
  set_.async_wait(set_.wait_read, [this](error_code ec) {
    if (ec) return;
    turns_.collect_and_run([this] { dispatch(); });
    wait();
  });
}

void poller::dispatch() {
  const int count = ::epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  pending_ = std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
  while (!pending_.empty()) {
    const auto event = pending_.front();
    auto* const s = static_cast<polled_socket*>(event.data.ptr);
    const auto call = [](polled_socket::callback& waiting) {
      if (auto handler = std::exchange(waiting, nullptr)) handler({});
    };
    if (s && (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
      s->writable_ = true;
      call(s->on_writable_);
    }
    // The handler may have destroyed the socket, see remove().
    if (pending_.front().data.ptr && (event.events & ~std::uint32_t{EPOLLOUT}) != 0) {
      s->readable_ = true;
      s->ended_ = s->ended_ || (event.events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0;
      call(s->on_readable_);
    }
    pending_ = pending_.subspan(1);
  }
}

void poller::add(polled_socket& s) {
  epoll_event interest{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = &s}};
  checked(::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, s.descriptor_, &interest), "epoll_ctl");
  sockets_.push_back(s);
}

void poller::remove(polled_socket& s) {
  for (auto& event : pending_)
    if (event.data.ptr == &s) event.data.ptr = nullptr;
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, s.descriptor_, nullptr);
}

// A socket.

polled_socket::polled_socket(poller& p, int descriptor) : poller_(p), descriptor_(descriptor) {
  poller_.add(*this);
}

polled_socket::~polled_socket() {
  if (descriptor_ < 0) return;  // the poller was destroyed first
  cancel();
  poller_.remove(*this);
  ::close(descriptor_);
}

std::size_t polled_socket::read_some(std::span<char> buffer, error_code& ec) {
  const auto size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (size > 0) {
    // A short read has emptied the socket; epoll will report further data.
    readable_ = ended_ || static_cast<std::size_t>(size) == buffer.size();
    return static_cast<std::size_t>(size);
  }
  ec = size == 0 ? error_code(asio::error::eof) : last_error();
  if (ec == asio::error::would_block) readable_ = false;
  return 0;
}

std::size_t polled_socket::write_some(std::span<const asio::const_buffer> buffers, error_code& ec) {
  std::array<iovec, 64> pieces;
  const auto count = std::min(buffers.size(), pieces.size());
  for (std::size_t i = 0; i < count; ++i)
    pieces[i] = {const_cast<void*>(buffers[i].data()), buffers[i].size()};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  const auto size = count == 1 ? ::send(descriptor_, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL)
                               : ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
  if (size >= 0) return static_cast<std::size_t>(size);
  ec = last_error();
  if (ec == asio::error::would_block) writable_ = false;
  return 0;
}

void polled_socket::shutdown_send() {
  ::shutdown(descriptor_, SHUT_WR);
}

void polled_socket::wait(bool ready, callback& waiting, callback handler) {
  if (ready) return post(std::move(handler), {});
  waiting = std::move(handler);
}

void polled_socket::cancel() {
  for (auto* waiting : {&on_readable_, &on_writable_})
    if (auto handler = std::exchange(*waiting, nullptr))
      post(std::move(handler), asio::error::operation_aborted);
}

void polled_socket::post(callback handler, error_code ec) {
  asio::post(poller_.set_.get_executor(), [h = std::move(handler), ec]() mutable { h(ec); });
}

}  // namespace emostream::net
