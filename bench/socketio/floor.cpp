// A lower bound for the cost of a server: one thread with one epoll loop, which makes one read and one write
// per batch of input, and for a broadcast one write per receiver.
//
// It accepts connections, upgrades them, finds the boundaries of WebSocket frames, unmasks them, and sends
// the payload back to the sender or, if the event's name begins with `b`, to all clients. It does not
// validate anything, parse HTTP headers (the load generator's key is constant, and so is the response),
// Engine.IO, Socket.IO, JSON or UTF-8; it has no rooms, timers, pings or limits. It is not a usable server.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace {

/// Encodes a text frame of less than 126 bytes.
std::string text_frame(std::string_view payload) {
  return std::string{'\x81', static_cast<char>(payload.size())}.append(payload);
}

const std::string handshake =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" +
    text_frame(
        R"(0{"sid":"floor","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
const std::string joined = text_frame(R"(40{"sid":"floor"})");

int checked(int returned, const char* what) {
  if (returned < 0) throw std::system_error(errno, std::generic_category(), what);
  return returned;
}

struct connection {
  int fd;
  std::size_t index;  // index in `connections_`
  bool upgraded = false;
  std::size_t missing = 0;  // bytes of the payload of a frame that is partly processed
  std::size_t position = 0;
  std::array<char, 4> mask{};
  std::string head{};    // incomplete header of a frame
  std::string unsent{};  // output that the socket did not accept yet
};

class floor_server {
 public:
  explicit floor_server(std::uint16_t port)
      : epoll_(checked(::epoll_create1(0), "epoll_create1")),
        listener_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket")),
        buffer_(256 * 1024) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at), "bind");
    checked(::listen(listener_, SOMAXCONN), "listen");
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    while (true) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto* c = static_cast<connection*>(events[i].data.ptr);
        if (!c)
          accept();
        else if (events[i].events & EPOLLOUT)
          write_rest(*c);
        else
          read(*c);
      }
    }
  }

 private:
  void watch(int operation, int fd, std::uint32_t events, connection* c) const {
    epoll_event interest{events, {.ptr = c}};
    checked(::epoll_ctl(epoll_, operation, fd, &interest), "epoll_ctl");
  }

  void accept() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back(std::make_unique<connection>(connection{.fd = fd, .index = connections_.size()}));
    watch(EPOLL_CTL_ADD, fd, EPOLLIN, connections_.back().get());
  }

  void read(connection& c) {
    const auto size = ::recv(c.fd, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return remove(c);
    std::span bytes(buffer_.data(), static_cast<std::size_t>(size));
    if (!c.upgraded) {
      if (!std::string_view(bytes.data(), bytes.size()).ends_with("\r\n\r\n"))
        throw std::runtime_error("the request arrived in pieces");
      c.upgraded = true;
      return write(c, piece(handshake));
    }
    out_.clear();
    if (!c.head.empty()) {
      reassembled_.swap(c.head);
      reassembled_.append(bytes.data(), bytes.size());
      c.head.clear();
      bytes = reassembled_;
    }
    handle_frames(c, bytes);
    if (!out_.empty()) write(c, out_);
  }

  /// Appends the frames to send back to `out_`, in place: the header of an answer is that of the request
  /// without the mask, so it fits before the payload.
  void handle_frames(connection& c, std::span<char> bytes) {
    while (!bytes.empty()) {
      std::size_t header_size = 0;
      if (c.missing == 0) {
        header_size = convert_header(c, bytes);
        if (header_size == 0) {
          c.head.assign(bytes.data(), bytes.size());
          return;
        }
      }
      const auto payload = bytes.subspan(0, std::min(c.missing, bytes.size()));
      unmask(c, payload);
      c.missing -= payload.size();
      bytes = bytes.subspan(payload.size());
      out_.push_back({payload.data() - header_size, payload.size() + header_size});
      if (header_size > 0) handle_special(c, {payload.data(), payload.size()});
    }
  }

  /// Removes the header of the client's frame from `bytes` and writes the header of the answer directly
  /// before the payload. Returns the size of the answer's header; 0 if the header is incomplete.
  static std::size_t convert_header(connection& c, std::span<char>& bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 2) return 0;
    const std::size_t code = byte(1) & 0x7f;
    const std::size_t size_bytes = code == 126 ? 2 : code == 127 ? 8 : 0;
    const auto answer_size = 2 + size_bytes;
    if (bytes.size() < answer_size + 4) return 0;
    std::size_t size = size_bytes ? 0 : code;
    for (std::size_t i = 0; i < size_bytes; ++i) size = size << 8 | byte(2 + i);
    std::memcpy(c.mask.data(), bytes.data() + answer_size, 4);
    c.missing = size;
    c.position = 0;
    bytes[1] = static_cast<char>(code);
    std::memmove(bytes.data() + 4, bytes.data(), answer_size);
    bytes = bytes.subspan(answer_size + 4);
    return answer_size;
  }

  static void unmask(connection& c, std::span<char> data) {
    std::array<char, 8> key;
    for (std::size_t i = 0; i < 8; ++i) key[i] = c.mask[(c.position + i) % 4];
    std::uint64_t word_key;
    std::memcpy(&word_key, key.data(), 8);
    std::size_t i = 0;
    for (; i + 8 <= data.size(); i += 8) {
      std::uint64_t word;
      std::memcpy(&word, &data[i], 8);
      word ^= word_key;
      std::memcpy(&data[i], &word, 8);
    }
    for (; i < data.size(); ++i) data[i] ^= key[i % 8];
    c.position += data.size();
  }

  /// Handles the two messages that are not echoed: CONNECT and a broadcast. Both are small and therefore
  /// arrive in one piece.
  void handle_special(connection& c, std::string_view text) {
    if (text == "40") {
      out_.back() = piece(joined);
    } else if (text.starts_with("42[\"b") && c.missing == 0) {
      const auto frame = out_.back();
      out_.pop_back();
      for (const auto& receiver : connections_) write(*receiver, frame);
    }
  }

  static iovec piece(const std::string& s) { return {const_cast<char*>(s.data()), s.size()}; }

  void write(connection& c, iovec bytes) { write(c, std::span(&bytes, 1)); }

  void write(connection& c, std::span<iovec> pieces) {
    std::size_t sent = 0;
    if (c.unsent.empty()) {
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = pieces.size();
      sent = static_cast<std::size_t>(std::max<ssize_t>(0, ::sendmsg(c.fd, &message, MSG_NOSIGNAL)));
    }
    for (const auto& [data, size] : pieces) {
      const auto skipped = std::min(sent, size);
      sent -= skipped;
      c.unsent.append(static_cast<const char*>(data) + skipped, size - skipped);
    }
    if (!c.unsent.empty()) watch(EPOLL_CTL_MOD, c.fd, EPOLLOUT, &c);
  }

  void write_rest(connection& c) {
    const std::string bytes = std::exchange(c.unsent, {});
    watch(EPOLL_CTL_MOD, c.fd, EPOLLIN, &c);
    write(c, piece(bytes));
  }

  void remove(connection& c) {
    ::close(c.fd);
    connections_.back()->index = c.index;
    std::swap(connections_[c.index], connections_.back());
    connections_.pop_back();
  }

  int epoll_;
  int listener_;
  std::vector<char> buffer_;
  std::string reassembled_;
  std::vector<iovec> out_;
  std::vector<std::unique_ptr<connection>> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  floor_server(static_cast<std::uint16_t>(std::atoi(argv[1]))).run();
}
