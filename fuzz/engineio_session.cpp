// The Engine.IO session under any sequence of calls. The first input byte selects the transport and the
// protocol; each further byte is one step, whose arguments are read from the bytes after it. A closed session
// must stay closed, and a session must have a deadline if, and only if, it is not closed.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engineio/session.hpp"

using namespace emostream;
using namespace emostream::engineio;

namespace {

/// Reads bytes and short texts from the input.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  unsigned char byte() {
    if (rest_.empty()) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return static_cast<unsigned char>(c);
  }
  std::string_view text() {
    const auto taken = rest_.substr(0, byte() % 16U);
    rest_.remove_prefix(taken.size() < rest_.size() ? taken.size() : rest_.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  input in(data, size);
  const options opts{.max_buffered_bytes = 1000};
  time_point now{};
  const auto kind = in.byte();
  const codec c(kind % 4 < 2 ? protocol::v4 : protocol::v3, kind % 8 >= 4);
  session s("fuzz", kind % 2 == 0 ? transport::polling : transport::websocket, opts, now, c);

  bool was_closed = false;
  std::vector<packet> frames;
  while (!in.empty()) {
    actions out;
    switch (in.byte() % 14) {
      case 0:
        (void)s.poll(now, out);
        break;
      case 1:
        s.abort_poll(out);
        break;
      case 2:
        if (s.begin_post(in.byte() % 8 == 0, out)) (void)s.finish_post(in.text(), now, out);
        s.end_post();
        break;
      case 3:
        if (s.begin_post(false, out)) s.end_post();
        break;
      case 4:
        (void)s.attach_websocket(now, in.byte() % 8 == 0 ? codec() : c);
        break;
      case 5:
        s.receive("2probe", false, now, out);
        break;
      case 6:
        s.receive("5", false, now, out);
        break;
      case 7:
        s.receive(in.text(), in.byte() % 2 == 0, now, out);
        break;
      case 8:
        s.websocket_closed(close_reason::transport_close, out);
        break;
      case 9:
        frames.clear();
        s.take_packets(frames);
        s.packets_written(out);
        break;
      case 10: {
        const auto text = message::text(std::string(in.byte(), 'x'));
        s.send({&text, 1}, out);
        break;
      }
      case 11:
        s.close(close_reason::forced_server_close, now, out);
        break;
      case 12:
        now += milliseconds(in.byte() * 100);
        break;
      default:
        s.tick(now, out);
        break;
    }
    if (was_closed && !s.closed()) std::abort();
    if (s.closed() == s.deadline().has_value()) std::abort();
    was_closed = s.closed();
  }
  return 0;
}
