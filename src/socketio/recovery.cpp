#include "socketio/recovery.hpp"

#include <algorithm>
#include <charconv>

namespace emostream::socketio {

namespace {

/// How long it may take to detect that a connection is dead. Events sent in that time are missed too, so
/// events are kept this much longer than sessions.
constexpr milliseconds detection_delay{60'000};

/// The approximate memory use of an event in addition to its data.
constexpr std::size_t event_overhead = 256;

std::string string_member(const boost::json::object& auth, std::string_view key) {
  const auto* value = auth.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

recovery_log::recovery_log(const options& opts, timer_queue& timers, std::function<void()> on_idle)
    : opts_(opts), timers_(timers), on_idle_(std::move(on_idle)) {}

void recovery_log::for_each_namespace_name(const std::function<void(const std::string&)>& visit) const {
  for (const auto& [name, count] : name_counts_) visit(name);
}

void recovery_log::append(const selection& to, encoded_event encoded) {
  std::size_t bytes = event_overhead;
  for (const auto& [name, packet] : encoded)
    for (const auto& m : packet) bytes += m.data->size();
  events_.push_back({to.rooms, to.except, std::move(encoded), bytes, opts_.now()});
  bytes_ += bytes;
  while (!events_.empty() &&
         (events_.size() > opts_.recovery.max_events || bytes_ > opts_.recovery.max_bytes)) {
    drop_event();
    ++counters_.events_dropped;
  }
  schedule_expiry();
}

void recovery_log::add(lost_session session) {
  if (opts_.recovery.max_sessions == 0) return;
  if (sessions_.size() >= opts_.recovery.max_sessions) {
    decrement_name_count(extract(sessions_.begin()).namespace_name);
    ++counters_.sessions_dropped;
  }
  session.lost_at = opts_.now();
  ++name_counts_[session.namespace_name];
  insert(sessions_.end(), std::move(session));
  schedule_expiry();
}

void recovery_log::set_data(const std::string& pid, const std::any& data) {
  if (const auto found = by_pid_.find(pid); found != by_pid_.end()) found->second->data = data;
}

std::unique_ptr<lost_session> recovery_log::claim(const std::string& namespace_name,
                                                  const boost::json::object& auth) {
  const auto found = by_pid_.find(string_member(auth, "pid"));
  if (found == by_pid_.end()) return nullptr;
  auto session = std::make_unique<lost_session>(extract(found->second));

  // A client that has not received any event yet has no offset. An offset that is invalid or older than the
  // session is replaced by a position that the check below rejects.
  const auto* offset = auth.if_contains("offset");
  if (offset && !offset->is_null()) {
    const auto last = parse_number(string_member(auth, "offset"));
    session->since = last && *last < position() && *last + 1 >= session->since ? *last + 1 : position() + 1;
  }
  const bool in_time = opts_.now() - session->lost_at <= opts_.recovery.max_disconnection;
  const bool complete = session->since >= first_position_ && session->since <= position();
  if (session->namespace_name != namespace_name || !in_time || !complete) {
    decrement_name_count(session->namespace_name);
    ++counters_.rejected;
    return nullptr;
  }
  ++claimed_;
  return session;
}

std::optional<std::vector<encoded_packet>> recovery_log::resume(const lost_session& claimed) {
  --claimed_;
  decrement_name_count(claimed.namespace_name);
  if (claimed.since < first_position_) {
    ++counters_.rejected;
    return std::nullopt;
  }
  ++counters_.recovered;
  std::vector<encoded_packet> missed;
  for (std::size_t i = claimed.since - first_position_; i < events_.size(); ++i) {
    if (!is_for(claimed, events_[i])) continue;
    const auto& encoded = events_[i].encoded;
    const auto found = std::ranges::find(encoded, claimed.namespace_name, &encoded_event::value_type::first);
    if (found != encoded.end()) missed.push_back(found->second);
  }
  return missed;
}

void recovery_log::release(lost_session claimed) {
  --claimed_;
  const auto lost_later = [&](const lost_session& s) { return s.lost_at > claimed.lost_at; };
  insert(std::ranges::find_if(sessions_, lost_later), std::move(claimed));
  schedule_expiry();
}

recovery_stats recovery_log::stats() const {
  recovery_stats current = counters_;
  current.events = events_.size();
  current.bytes = bytes_;
  current.sessions = sessions_.size();
  return current;
}

bool recovery_log::is_for(const lost_session& s, const sent_event& e) {
  const auto is_in = [&s](const std::string& room) { return s.rooms.contains(room); };
  return (e.rooms.empty() || std::ranges::any_of(e.rooms, is_in)) && std::ranges::none_of(e.except, is_in);
}

void recovery_log::decrement_name_count(const std::string& namespace_name) {
  const auto found = name_counts_.find(namespace_name);
  if (--found->second == 0) name_counts_.erase(found);
}

lost_session recovery_log::extract(session_list::iterator which) {
  lost_session session = std::move(*which);
  by_pid_.erase(session.pid);
  sessions_.erase(which);
  return session;
}

void recovery_log::insert(session_list::iterator before, lost_session session) {
  const auto added = sessions_.insert(before, std::move(session));
  by_pid_[added->pid] = added;
}

void recovery_log::drop_event() {
  bytes_ -= events_.front().bytes;
  events_.pop_front();
  ++first_position_;
}

/// Sets the expiry timer, with slack so that it fires rarely; claim() checks the time itself.
void recovery_log::schedule_expiry() {
  if (events_.empty() && sessions_.empty()) return;
  const auto window = opts_.recovery.max_disconnection;
  auto due = time_point::max();
  if (!events_.empty()) due = events_.front().sent_at + window + detection_delay;
  if (!sessions_.empty()) due = std::min(due, sessions_.front().lost_at + window);
  due += window / 8;
  if (expiry_timer_ && expiry_at_ <= due) return;
  expiry_at_ = due;
  expiry_timer_ = timers_.add(due, [this] { expire(); });
}

void recovery_log::expire() {
  expiry_timer_.cancel();
  const auto now = opts_.now();
  const auto window = opts_.recovery.max_disconnection;
  const bool had_sessions = has_sessions();
  while (!events_.empty() && events_.front().sent_at + window + detection_delay < now) drop_event();
  while (!sessions_.empty() && sessions_.front().lost_at + window < now)
    decrement_name_count(extract(sessions_.begin()).namespace_name);
  schedule_expiry();
  if (had_sessions && !has_sessions()) {
    const auto on_idle = on_idle_;
    on_idle();
  }
}

}  // namespace emostream::socketio
