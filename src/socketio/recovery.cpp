#include "socketio/recovery.hpp"

#include <algorithm>
#include <charconv>

namespace emostream::socketio {

namespace {

/// How long a connection may have been dead before the server sees it: what was sent then is missed too.
constexpr milliseconds unnoticed{60'000};

/// A rough price of keeping an event, beside its bytes.
constexpr std::size_t event_overhead = 256;

std::string text_of(const boost::json::object& auth, std::string_view key) {
  const auto* value = auth.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

recovery_log::recovery_log(const options& opts, timer_queue& timers, std::function<void()> on_idle)
    : opts_(opts), timers_(timers), on_idle_(std::move(on_idle)) {}

void recovery_log::for_each_name(const std::function<void(const std::string&)>& visit) const {
  for (const auto& [name, count] : names_) visit(name);
}

void recovery_log::append(const selection& to, event_forms forms) {
  std::size_t bytes = event_overhead;
  for (const auto& [name, packet] : forms)
    for (const auto& m : packet) bytes += m.data->size();
  events_.push_back({to.rooms, to.except, std::move(forms), bytes, opts_.now()});
  bytes_ += bytes;
  while (!events_.empty() &&
         (events_.size() > opts_.recovery.max_events || bytes_ > opts_.recovery.max_bytes)) {
    drop_event();
    ++counted_.events_dropped;
  }
  arm();
}

void recovery_log::keep(lost_session session) {
  if (opts_.recovery.max_sessions == 0) return;
  if (sessions_.size() >= opts_.recovery.max_sessions) {
    forget_name(take(sessions_.begin()).namespace_name);
    ++counted_.sessions_dropped;
  }
  session.lost_at = opts_.now();
  ++names_[session.namespace_name];
  insert(sessions_.end(), std::move(session));
  arm();
}

void recovery_log::set_data(const std::string& pid, const std::any& data) {
  if (const auto found = by_pid_.find(pid); found != by_pid_.end()) found->second->data = data;
}

std::unique_ptr<lost_session> recovery_log::claim(const std::string& namespace_name,
                                                  const boost::json::object& auth) {
  const auto found = by_pid_.find(text_of(auth, "pid"));
  if (found == by_pid_.end()) return nullptr;
  auto session = std::make_unique<lost_session>(take(found->second));

  // A client that was sent nothing yet has no offset.
  const auto* offset = auth.if_contains("offset");
  if (offset && !offset->is_null()) {
    const auto last = number_of(text_of(auth, "offset"));
    session->since = last && *last + 1 >= session->since ? *last + 1 : position() + 1;
  }
  const bool in_time = opts_.now() - session->lost_at <= opts_.recovery.max_disconnection;
  const bool all_there = session->since >= first_ && session->since <= position();
  if (session->namespace_name != namespace_name || !in_time || !all_there) {
    forget_name(session->namespace_name);
    ++counted_.refused;
    return nullptr;
  }
  ++claimed_;
  return session;
}

std::optional<std::vector<encoded_packet>> recovery_log::resume(const lost_session& claimed) {
  --claimed_;
  forget_name(claimed.namespace_name);
  if (claimed.since < first_) {
    ++counted_.refused;
    return std::nullopt;
  }
  ++counted_.recovered;
  std::vector<encoded_packet> missed;
  for (std::size_t i = claimed.since - first_; i < events_.size(); ++i) {
    if (!is_for(claimed, events_[i])) continue;
    const auto& forms = events_[i].forms;
    const auto form = std::ranges::find(forms, claimed.namespace_name, &event_forms::value_type::first);
    if (form != forms.end()) missed.push_back(form->second);
  }
  return missed;
}

void recovery_log::give_back(lost_session claimed) {
  --claimed_;
  const auto later = [&](const lost_session& s) { return s.lost_at > claimed.lost_at; };
  insert(std::ranges::find_if(sessions_, later), std::move(claimed));
  arm();
}

recovery_stats recovery_log::stats() const {
  recovery_stats now = counted_;
  now.events = events_.size();
  now.bytes = bytes_;
  now.sessions = sessions_.size();
  return now;
}

bool recovery_log::is_for(const lost_session& s, const sent_event& e) {
  const auto is_in = [&s](const std::string& room) { return s.rooms.contains(room); };
  return (e.rooms.empty() || std::ranges::any_of(e.rooms, is_in)) && std::ranges::none_of(e.except, is_in);
}

void recovery_log::forget_name(const std::string& namespace_name) {
  const auto found = names_.find(namespace_name);
  if (--found->second == 0) names_.erase(found);
}

lost_session recovery_log::take(session_list::iterator which) {
  lost_session taken = std::move(*which);
  by_pid_.erase(taken.pid);
  sessions_.erase(which);
  return taken;
}

void recovery_log::insert(session_list::iterator before, lost_session session) {
  const auto added = sessions_.insert(before, std::move(session));
  by_pid_[added->pid] = added;
}

void recovery_log::drop_event() {
  bytes_ -= events_.front().bytes;
  events_.pop_front();
  ++first_;
}

/// Wakes seldom: what is due waits for the next round, and claim() looks at the time itself.
void recovery_log::arm() {
  if (events_.empty() && sessions_.empty()) return;
  const auto window = opts_.recovery.max_disconnection;
  auto due = time_point::max();
  if (!events_.empty()) due = events_.front().at + window + unnoticed;
  if (!sessions_.empty()) due = std::min(due, sessions_.front().lost_at + window);
  due += window / 8;
  if (alarm_ && alarm_at_ <= due) return;
  alarm_at_ = due;
  alarm_ = timers_.add(due, [this] { sweep(); });
}

void recovery_log::sweep() {
  alarm_.cancel();
  const auto now = opts_.now();
  const auto window = opts_.recovery.max_disconnection;
  const bool was_awaited = awaited();
  while (!events_.empty() && events_.front().at + window + unnoticed < now) drop_event();
  while (!sessions_.empty() && sessions_.front().lost_at + window < now)
    forget_name(take(sessions_.begin()).namespace_name);
  arm();
  if (was_awaited && !awaited()) {
    const auto on_idle = on_idle_;
    on_idle();
  }
}

}  // namespace emostream::socketio
