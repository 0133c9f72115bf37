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
  memory_adapter(const socket_map& sockets, std::uint64_t& ack_ids, const parser& encoding, recovery_log* log)
      : sockets_(sockets), ack_ids_(ack_ids), encoding_(encoding), log_(log) {}

  void join(const member_ptr& member, const std::string& room) override { rooms_[room].insert(member); }

  void leave(const member_ptr& member, std::string_view room) override {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    found->second.erase(member);
    if (found->second.empty()) rooms_.erase(found);
  }

  void broadcast(const selection& to, std::string_view name, const arguments& args) override {
    const auto receivers = select(to);
    const bool logged = log_ && !to.is_volatile && (!receivers.empty() || log_->awaited());
    const std::string offset = logged ? log_->next_offset() : std::string();
    const outgoing_event event{{}, name, args, std::nullopt, offset};
    event_forms forms;
    if (logged) {
      // Before anything is sent, since who watches that may send more.
      for (const auto& receiver : receivers)
        (void)form_for(receiver->namespace_name(), event, to.compress, forms);
      log_->for_each_name([&](const std::string& nsp) { (void)form_for(nsp, event, to.compress, forms); });
      log_->append(to, forms);
    }
    for (const auto& receiver : receivers)
      if (!to.is_volatile || receiver->buffered_bytes() == 0)
        receiver->deliver(form_for(receiver->namespace_name(), event, to.compress, forms), name, args);
  }

  void broadcast(const selection& to, std::string_view name, const arguments& args, milliseconds timeout,
                 const answer_sink& answers) override {
    // One id for all, so that all get the same bytes.
    std::size_t asked = 0;
    const std::uint64_t id = ack_ids_++;
    const outgoing_event event{{}, name, args, id};
    event_forms forms;
    for (const auto& receiver : select(to)) {
      if (to.is_volatile && receiver->buffered_bytes() > 0) continue;
      const auto& packet = form_for(receiver->namespace_name(), event, to.compress, forms);
      ++asked;
      if (receiver->expect_ack(id, timeout, answers.answer)) receiver->deliver(packet, name, args);
    }
    answers.expect(asked);
  }

  void for_each(const selection& of, const std::function<void(const member_ptr&)>& visit) override {
    for (const auto& member : select(of)) visit(member);
  }

 private:
  /// One encoding for all, or one for each name that the namespace goes by.
  const encoded_packet& form_for(const std::string& nsp, outgoing_event event, bool compress,
                                 event_forms& forms) const {
    auto known = std::ranges::find(forms, nsp, &event_forms::value_type::first);
    if (known == forms.end()) {
      event.nsp = nsp;
      known = forms.emplace(known, nsp, encoding_.encode_event(event));
      for (auto& m : known->second) m.compress = compress;
    }
    return known->second;
  }

  /// A copy, since whoever is visited may change the rooms.
  [[nodiscard]] std::vector<member_ptr> select(const selection& wanted) const {
    std::vector<member_ptr> selected;
    const auto take = [&](const member_ptr& member) {
      const bool excepted = std::ranges::any_of(
          wanted.except, [&member](const std::string& room) { return member->rooms().contains(room); });
      if (!excepted) selected.push_back(member);
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
    static const members nobody;
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? nobody : found->second;
  }

  const socket_map& sockets_;
  std::uint64_t& ack_ids_;
  const parser& encoding_;
  recovery_log* log_;  ///< null: nothing is recovered
  std::unordered_map<std::string, members, text_hash, std::equal_to<>> rooms_;
};

}  // namespace

std::unique_ptr<adapter> make_memory_adapter(const socket_map& sockets, std::uint64_t& ack_ids,
                                             const parser& encoding, recovery_log* log) {
  return std::make_unique<memory_adapter>(sockets, ack_ids, encoding, log);
}

}  // namespace emostream::socketio
