#include "pipeline/frame_queue.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

namespace emostream::pipeline {

std::string_view to_string(drop_reason reason) {
  switch (reason) {
    case drop_reason::replaced:
      return "replaced";
    case drop_reason::stale:
      return "stale";
    case drop_reason::cancelled:
      return "cancelled";
    case drop_reason::shutting_down:
      return "shutting_down";
  }
  return "unknown";
}

struct frame_queue::slot {
  slot(analyze_function a, listener t, time_point opened)
      : analyze(std::move(a)), tell(std::move(t)), served(opened) {}

  analyze_function analyze;  ///< used by the worker that is at it
  const listener tell;

  // With the lock held:
  std::optional<frame> waiting;
  /// Between its sender's last two frames of which the second replaced the first; 0 while none did.
  steady_clock::duration interval{};
  time_point served;       ///< when a worker took its last frame that was not stale
  std::uint64_t turn = 0;  ///< of slots served at the same time the one that asked first goes first
  bool in_turn = false;    ///< it is in state::ready
  bool busy = false;       ///< a worker has a frame of it

  void say(outcome what) const {
    try {
      tell(std::move(what));
    } catch (const std::exception& e) {
      spdlog::error("a frame's listener threw: {}", e.what());
    }
  }
};

struct frame_queue::state {
  state(queue_options o, clock_function n) : options(o), now(std::move(n)) {}

  const queue_options options;
  const clock_function now;
  const pool<vision::analysis> analyses;

  mutable std::mutex mutex;
  std::condition_variable work_to_do;
  /// Slots with a frame waiting and none in work, or whose frame was cancelled: a heap, whose turn it is on
  /// top.
  std::vector<std::shared_ptr<slot>> ready;
  std::vector<std::shared_ptr<slot>> passed_over;  ///< by next(), for its memory
  std::uint64_t turns = 0;
  bool closed = false;
  queue_stats stats;
  std::vector<std::thread> workers;  ///< written by the constructor and close() only

  void submit(const std::shared_ptr<slot>& to, frame f);
  void cancel(slot& of);
  void run();

 private:
  static bool is_later(const std::shared_ptr<slot>& a, const std::shared_ptr<slot>& b) {
    return a->served != b->served ? a->served > b->served : a->turn > b->turn;
  }
  void push(std::shared_ptr<slot> s);
  std::shared_ptr<slot> pop();
  void make_ready(const std::shared_ptr<slot>& s);
  [[nodiscard]] bool can_wait(const slot& s, time_point at) const;
  std::shared_ptr<slot> next();
  [[nodiscard]] bool is_stale(const frame& f, time_point at) const {
    return at - f.received > options.deadline;
  }
  void process(slot& of, frame f, time_point start, std::string& buffer);
  void compute(slot& of, const frame& f, std::string& buffer, outcome& what) const;
  void drop(const slot& of, const frame& dropped, drop_reason why) const;
};

void frame_queue::state::push(std::shared_ptr<slot> s) {
  ready.push_back(std::move(s));
  std::ranges::push_heap(ready, is_later);
}

std::shared_ptr<frame_queue::slot> frame_queue::state::pop() {
  std::ranges::pop_heap(ready, is_later);
  auto s = std::move(ready.back());
  ready.pop_back();
  return s;
}

/// With the lock held: gives the slot its turn, if it has work and nobody is at it.
void frame_queue::state::make_ready(const std::shared_ptr<slot>& s) {
  if (s->in_turn || s->busy || !s->waiting) return;
  s->in_turn = true;
  s->turn = ++turns;
  push(s);
  work_to_do.notify_one();
}

/// With the lock held: whether its frame is old and will soon be replaced. One whose sender waits for an
/// answer will not be, nor one whose sender's next comes after the deadline.
bool frame_queue::state::can_wait(const slot& s, time_point at) const {
  const auto age = at - s.waiting->received;
  return s.interval < options.deadline && age > options.fresh && !is_stale(*s.waiting, at) &&
         age < 2 * s.interval;
}

/// With the lock held: the slot to serve, which has left its turn; null if none has a frame.
std::shared_ptr<frame_queue::slot> frame_queue::state::next() {
  constexpr std::size_t looks = 128;  // bounds the time under the lock
  const time_point at = now();
  std::shared_ptr<slot> chosen;
  while (!ready.empty() && passed_over.size() < looks) {
    auto s = pop();
    if (!s->waiting) {
      s->in_turn = false;  // cancelled in the meantime
    } else if (can_wait(*s, at)) {
      passed_over.push_back(std::move(s));
    } else {
      chosen = std::move(s);
      break;
    }
  }
  if (!chosen && !passed_over.empty()) {
    // Of the half that waits for its turn longest, for fairness, the youngest: the others will have newer
    // ones sooner.
    const auto half = static_cast<std::ptrdiff_t>((passed_over.size() + 1) / 2);
    const auto youngest = std::ranges::max_element(passed_over.begin(), passed_over.begin() + half, {},
                                                   [](const auto& s) { return s->waiting->received; });
    chosen = std::move(*youngest);
    passed_over.erase(youngest);
  }
  for (auto& s : passed_over) push(std::move(s));
  passed_over.clear();
  if (chosen) chosen->in_turn = false;
  return chosen;
}

/// Without the lock; the counter is the caller's to have raised.
void frame_queue::state::drop(const slot& of, const frame& dropped, drop_reason why) const {
  of.say({.number = dropped.number, .dropped = why, .queue_ms = to_ms(now() - dropped.received)});
}

void frame_queue::state::submit(const std::shared_ptr<slot>& to, frame f) {
  std::optional<frame> given_up = std::move(f);
  drop_reason why = drop_reason::shutting_down;
  {
    const std::lock_guard lock(mutex);
    ++stats.submitted;
    if (!closed) {
      given_up.swap(to->waiting);
      why = drop_reason::replaced;
      if (given_up)
        to->interval = to->waiting->received - given_up->received;
      else
        ++stats.waiting;
      make_ready(to);
    }
    if (given_up) ++stats.dropped[static_cast<std::size_t>(why)];
  }
  if (given_up) drop(*to, *given_up, why);
}

void frame_queue::state::cancel(slot& of) {
  std::optional<frame> given_up;
  {
    const std::lock_guard lock(mutex);
    given_up.swap(of.waiting);
    if (!given_up) return;
    --stats.waiting;
    ++stats.dropped[static_cast<std::size_t>(drop_reason::cancelled)];
  }
  drop(of, *given_up, drop_reason::cancelled);
}

void frame_queue::state::run() {
  std::string buffer;  // of images that come as text
  std::unique_lock lock(mutex);
  for (;;) {
    work_to_do.wait(lock, [this] { return closed || !ready.empty(); });
    // A slot that is busy now and has a frame waiting is the turn of the worker that is at it.
    if (ready.empty()) return;
    const std::shared_ptr<slot> s = next();
    if (!s) continue;

    frame f = std::move(*s->waiting);
    s->waiting.reset();
    s->busy = true;
    const time_point start = now();
    if (!is_stale(f, start)) s->served = start;  // or it would lose its turn as well
    --stats.waiting;
    f.options.under_load = stats.waiting >= options.workers;
    ++stats.working;
    lock.unlock();
    process(*s, std::move(f), start, buffer);
    lock.lock();
    // Only now may the next frame of this slot go: its outcome would overtake this one's otherwise.
    s->busy = false;
    --stats.working;
    make_ready(s);
  }
}

/// And lets go of its bytes.
void frame_queue::state::process(slot& of, frame f, time_point start, std::string& buffer) {
  outcome what{.number = f.number, .queue_ms = to_ms(start - f.received)};
  const bool stale = is_stale(f, start);
  if (stale)
    what.dropped = drop_reason::stale;
  else
    compute(of, f, buffer, what);
  {
    const std::lock_guard lock(mutex);
    stats.busy_ms_sum += to_ms(now() - start);
    if (stale)
      ++stats.dropped[static_cast<std::size_t>(drop_reason::stale)];
    else
      ++(what.error ? stats.failed : stats.analyzed);
  }
  of.say(std::move(what));
}

void frame_queue::state::compute(slot& of, const frame& f, std::string& buffer, outcome& what) const {
  try {
    const time_point start = now();
    const auto bytes = decode(f.image, buffer);
    const double decoding = to_ms(now() - start);
    what.analysis = analyses.take();
    what.analysis->times = {};
    what.error = bytes ? of.analyze(*bytes, f.options, f.received, *what.analysis) : bytes.error();
    what.analysis->times.decode += decoding;
  } catch (const std::exception& e) {
    spdlog::error("a frame's analysis threw: {}", e.what());
    what.error = frame_error::internal;
  } catch (...) {
    spdlog::error("a frame's analysis threw something that is no std::exception");
    what.error = frame_error::internal;
  }
  if (what.error) what.analysis.reset();
}

frame_queue::lane::~lane() {
  if (slot_) cancel();
}

void frame_queue::lane::submit(frame f) {
  state_->submit(slot_, std::move(f));
}

void frame_queue::lane::cancel() {
  state_->cancel(*slot_);
}

frame_queue::frame_queue(queue_options options, clock_function now) {
  if (options.workers == 0) options.workers = std::max(1U, std::thread::hardware_concurrency());
  state_ = std::make_shared<state>(options, std::move(now));
  state_->workers.reserve(options.workers);
  try {
    for (unsigned i = 0; i < options.workers; ++i)
      state_->workers.emplace_back([s = state_.get()] { s->run(); });  // joined before the state goes
  } catch (...) {
    close();
    throw;
  }
}

frame_queue::~frame_queue() {
  close();
}

frame_queue::lane frame_queue::open(analyze_function analyze, listener tell) {
  return {state_, std::make_shared<slot>(std::move(analyze), std::move(tell), state_->now())};
}

void frame_queue::close() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }
  state_->work_to_do.notify_all();
  for (std::thread& worker : state_->workers) worker.join();
  state_->workers.clear();
}

queue_stats frame_queue::stats() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stats;
}

unsigned frame_queue::workers() const {
  return state_->options.workers;
}

}  // namespace emostream::pipeline
