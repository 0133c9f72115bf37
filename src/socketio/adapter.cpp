#include "socketio/adapter.hpp"

#include <utility>

namespace emostream::socketio {

void adapter::fetch_sockets(const selection& of,
                            std::function<void(result<std::vector<remote_socket>>)> done) {
  std::vector<remote_socket> found;
  for_each(of, [&](const std::shared_ptr<socket>& s) {
    found.push_back({s->id(), s->handshake(), s->rooms(), s->data});
  });
  done(std::move(found));
}

void adapter::sockets_join(const selection& of, const std::vector<std::string>& rooms) {
  for_each(of, [&](const std::shared_ptr<socket>& s) {
    for (const auto& room : rooms) s->join(room);
  });
}

void adapter::sockets_leave(const selection& of, const std::vector<std::string>& rooms) {
  for_each(of, [&](const std::shared_ptr<socket>& s) {
    for (const auto& room : rooms) s->leave(room);
  });
}

void adapter::disconnect_sockets(const selection& of, bool close) {
  for_each(of, [close](const std::shared_ptr<socket>& s) { s->disconnect(close); });
}

void adapter::server_count(std::function<void(result<std::size_t>)> done) {
  done(1);
}

void adapter::server_side_emit(std::string_view, const arguments&) {}

void adapter::server_side_emit(std::string_view, const arguments&, milliseconds, responses_handler done) {
  done({}, {});
}

}  // namespace emostream::socketio
