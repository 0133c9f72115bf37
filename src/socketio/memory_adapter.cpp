#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/namespace.hpp"
#include "socketio/parser.hpp"
#include "socketio/recovery.hpp"
#include "socketio/room_hooks.hpp"
#include "socketio/socket.hpp"

namespace emostream::socketio {

namespace {

using member_ptr = std::shared_ptr<socket>;
using members = std::unordered_set<member_ptr>;

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class memory_adapter final : public adapter {
 public:
  memory_adapter(const socket_map& sockets, std::uint64_t& next_ack_id, const parser& parser,
                 recovery_log* log, const room_hooks& hooks)
      : sockets_(sockets), next_ack_id_(next_ack_id), parser_(parser), log_(log), hooks_(hooks) {}

  void join(const member_ptr& member, const std::string& room) override {
    auto& joined = rooms_[room];
    if (!joined.insert(member).second) return;
    const std::string name = room;  // a handler may change what `room` refers to
    if (joined.size() == 1) hooks_.notify_created(name);
    if (in(name).contains(member)) hooks_.notify_joined(name, member->id());
  }

  void leave(const member_ptr& member, std::string_view room) override {
    const auto found = rooms_.find(room);
    if (found == rooms_.end() || found->second.erase(member) == 0) return;
    const bool deleted = found->second.empty();
    if (deleted) rooms_.erase(found);
    hooks_.notify_left(room, member->id(), deleted);
  }

  void broadcast(const selection& to, std::string_view name, const arguments& args) override {
    const auto receivers = select(to);
    const bool recoverable = log_ && !to.is_volatile && (!receivers.empty() || log_->has_sessions());
    const std::string offset = recoverable ? log_->next_offset() : std::string();
    const outgoing_event event{{}, name, args, std::nullopt, offset};
    encoded_event encoded;
    if (recoverable) {
      // Append before sending: an observer of outgoing events may emit another event, and that event must get
      // the next offset.
      for (const auto& receiver : receivers)
        (void)encode_for(receiver->namespace_name(), event, to.compress, encoded);
      log_->for_each_namespace_name(
          [&](const std::string& nsp) { (void)encode_for(nsp, event, to.compress, encoded); });
      log_->append(to, encoded);
    }
    for (const auto& receiver : receivers)
      if (!to.is_volatile || receiver->writable())
        receiver->deliver(encode_for(receiver->namespace_name(), event, to.compress, encoded), name, args);
  }

  void broadcast(const selection& to, std::string_view name, const arguments& args, milliseconds timeout,
                 const ack_sink& sink) override {
    // All receivers get the same id, so that the packet is encoded once.
    const std::uint64_t id = next_ack_id_++;
    std::size_t sent = 0;
    const outgoing_event event{{}, name, args, id};
    encoded_event encoded;
    for (const auto& receiver : select(to)) {
      if (to.is_volatile && !receiver->writable()) continue;
      const auto& packet = encode_for(receiver->namespace_name(), event, to.compress, encoded);
      ++sent;
      if (receiver->expect_ack(id, timeout, sink.answer)) receiver->deliver(packet, name, args);
    }
    sink.expect(sent);
  }

  void for_each(const selection& of, const std::function<void(const member_ptr&)>& visit) override {
    for (const auto& member : select(of)) visit(member);
  }

 private:
  /// The event encoded for clients that know the namespace as `nsp`. Encodes it once per name, into
  /// `encoded`.
  const encoded_packet& encode_for(const std::string& nsp, outgoing_event event, bool compress,
                                   encoded_event& encoded) const {
    auto found = std::ranges::find(encoded, nsp, &encoded_event::value_type::first);
    if (found == encoded.end()) {
      event.nsp = nsp;
      found = encoded.emplace(found, nsp, parser_.encode_event(event));
      for (auto& m : found->second) m.compress = compress;
    }
    return found->second;
  }

  /// A copy, since the caller may change rooms while iterating.
  [[nodiscard]] std::vector<member_ptr> select(const selection& wanted) const {
    std::vector<member_ptr> selected;
    const auto take = [&](const member_ptr& member) {
      const bool excluded = std::ranges::any_of(
          wanted.except, [&member](const std::string& room) { return member->rooms().contains(room); });
      if (!excluded && member->connected()) selected.push_back(member);
    };
    if (wanted.rooms.empty()) {
      selected.reserve(sockets_.size());
      for (const auto& [id, member] : sockets_) take(member);
    } else if (wanted.rooms.size() == 1) {
      for (const auto& member : in(wanted.rooms.front())) take(member);
    } else {
      members all;
      for (const auto& room : wanted.rooms) all.insert(in(room).begin(), in(room).end());
      for (const auto& member : all) take(member);
    }
    return selected;
  }

  [[nodiscard]] const members& in(std::string_view room) const {
    static const members none;
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? none : found->second;
  }

  const socket_map& sockets_;
  std::uint64_t& next_ack_id_;
  const parser& parser_;
  recovery_log* log_;  ///< null if recovery is disabled
  const room_hooks& hooks_;
  std::unordered_map<std::string, members, text_hash, std::equal_to<>> rooms_;
};

}  // namespace

std::unique_ptr<adapter> make_memory_adapter(const socket_map& sockets, std::uint64_t& next_ack_id,
                                             const parser& parser, recovery_log* log,
                                             const room_hooks& hooks) {
  return std::make_unique<memory_adapter>(sockets, next_ack_id, parser, log, hooks);
}

}  // namespace emostream::socketio
