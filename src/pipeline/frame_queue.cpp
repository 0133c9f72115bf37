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

struct frame_queue::mailbox_state {
  mailbox_state(analyze_function a, listener l, time_point opened)
      : analyze(std::move(a)), on_outcome(std::move(l)), last_served(opened) {}

  analyze_function analyze;  ///< called only by the worker that holds the mailbox
  const listener on_outcome;

  // Guarded by state::mutex:
  std::optional<frame> waiting;
  /// Time between the last replaced frame and the one that replaced it; 0 if no frame was replaced yet.
  steady_clock::duration replacement_interval{};
  time_point last_served;      ///< when a worker took the last frame that was not stale
  std::uint64_t sequence = 0;  ///< order of queuing; breaks ties of last_served
  bool queued = false;         ///< in state::ready
  bool busy = false;           ///< a worker is processing a frame of this mailbox

  void notify(outcome result) const {
    try {
      on_outcome(std::move(result));
    } catch (const std::exception& e) {
      spdlog::error("the listener for a frame's outcome threw: {}", e.what());
    }
  }
};

struct frame_queue::state {
  state(queue_options o, clock_function n) : options(o), now(std::move(n)) {}

  const queue_options options;
  const clock_function now;
  const pool<vision::analysis> analyses;

  mutable std::mutex mutex;
  std::condition_variable work_available;
  /// A heap of the mailboxes that have a waiting frame and are not busy; the next to serve is on top. A
  /// mailbox whose frame was cancelled stays here until it is popped.
  std::vector<std::shared_ptr<mailbox_state>> ready;
  std::vector<std::shared_ptr<mailbox_state>> skipped;  ///< scratch buffer of pop_next()
  std::uint64_t last_sequence = 0;
  bool closed = false;
  queue_stats stats;
  std::vector<std::thread> workers;  ///< written by the constructor and close() only

  void submit(const std::shared_ptr<mailbox_state>& box, frame f);
  void cancel(mailbox_state& box);
  void run_worker();

 private:
  static bool is_served_later(const std::shared_ptr<mailbox_state>& a,
                              const std::shared_ptr<mailbox_state>& b) {
    return a->last_served != b->last_served ? a->last_served > b->last_served : a->sequence > b->sequence;
  }
  void push(std::shared_ptr<mailbox_state> box);
  std::shared_ptr<mailbox_state> pop();
  void enqueue_if_ready(const std::shared_ptr<mailbox_state>& box);
  [[nodiscard]] bool expects_newer_frame(const mailbox_state& box, time_point at) const;
  std::shared_ptr<mailbox_state> pop_next();
  [[nodiscard]] bool is_stale(const frame& f, time_point at) const {
    return at - f.received > options.deadline;
  }
  void process(mailbox_state& box, frame f, time_point start, std::string& buffer);
  void analyze(mailbox_state& box, const frame& f, std::string& buffer, outcome& result) const;
  void notify_dropped(const mailbox_state& box, const frame& dropped, drop_reason reason) const;
};

void frame_queue::state::push(std::shared_ptr<mailbox_state> box) {
  ready.push_back(std::move(box));
  std::ranges::push_heap(ready, is_served_later);
}

std::shared_ptr<frame_queue::mailbox_state> frame_queue::state::pop() {
  std::ranges::pop_heap(ready, is_served_later);
  auto box = std::move(ready.back());
  ready.pop_back();
  return box;
}

/// Queues the mailbox if it has a waiting frame, is not busy and is not queued yet. Requires `mutex`.
void frame_queue::state::enqueue_if_ready(const std::shared_ptr<mailbox_state>& box) {
  if (box->queued || box->busy || !box->waiting) return;
  box->queued = true;
  box->sequence = ++last_sequence;
  push(box);
  work_available.notify_one();
}

/// True if the waiting frame is not fresh and its sender is expected to replace it soon. False if the sender
/// waits for each outcome, has paused, or sends at intervals longer than the deadline; also for a stale
/// frame, so that a worker takes and drops it. Requires `mutex`.
bool frame_queue::state::expects_newer_frame(const mailbox_state& box, time_point at) const {
  const auto age = at - box.waiting->received;
  return box.replacement_interval < options.deadline && age > options.max_fresh_age &&
         !is_stale(*box.waiting, at) && age < 2 * box.replacement_interval;
}

/// Removes and returns the next mailbox to serve; null if no mailbox in `ready` has a frame. Requires
/// `mutex`.
std::shared_ptr<frame_queue::mailbox_state> frame_queue::state::pop_next() {
  constexpr std::size_t max_skipped = 128;  // bounds the time under the lock
  const time_point at = now();
  std::shared_ptr<mailbox_state> chosen;
  while (!ready.empty() && skipped.size() < max_skipped) {
    auto box = pop();
    if (!box->waiting) {
      box->queued = false;  // its frame was cancelled
    } else if (expects_newer_frame(*box, at)) {
      skipped.push_back(std::move(box));
    } else {
      chosen = std::move(box);
      break;
    }
  }
  if (!chosen && !skipped.empty()) {
    // All these mailboxes expect a newer frame. For fairness, consider the half of them that was served
    // longest ago, and take its youngest frame: the senders of the older ones will replace them sooner.
    const auto half = static_cast<std::ptrdiff_t>((skipped.size() + 1) / 2);
    const auto youngest = std::ranges::max_element(skipped.begin(), skipped.begin() + half, {},
                                                   [](const auto& box) { return box->waiting->received; });
    chosen = std::move(*youngest);
    skipped.erase(youngest);
  }
  for (auto& box : skipped) push(std::move(box));
  skipped.clear();
  if (chosen) chosen->queued = false;
  return chosen;
}

/// Requires that `mutex` is not held and that the caller has counted the drop.
void frame_queue::state::notify_dropped(const mailbox_state& box, const frame& dropped,
                                        drop_reason reason) const {
  box.notify({.number = dropped.number, .dropped = reason, .queue_ms = to_ms(now() - dropped.received)});
}

void frame_queue::state::submit(const std::shared_ptr<mailbox_state>& box, frame f) {
  std::optional<frame> dropped = std::move(f);
  drop_reason reason = drop_reason::shutting_down;
  {
    const std::lock_guard lock(mutex);
    ++stats.submitted;
    if (!closed) {
      dropped.swap(box->waiting);
      reason = drop_reason::replaced;
      if (dropped)
        box->replacement_interval = box->waiting->received - dropped->received;
      else
        ++stats.waiting;
      enqueue_if_ready(box);
    }
    if (dropped) ++stats.dropped[static_cast<std::size_t>(reason)];
  }
  if (dropped) notify_dropped(*box, *dropped, reason);
}

void frame_queue::state::cancel(mailbox_state& box) {
  std::optional<frame> dropped;
  {
    const std::lock_guard lock(mutex);
    dropped.swap(box.waiting);
    if (!dropped) return;
    --stats.waiting;
    ++stats.dropped[static_cast<std::size_t>(drop_reason::cancelled)];
  }
  notify_dropped(box, *dropped, drop_reason::cancelled);
}

void frame_queue::state::run_worker() {
  std::string buffer;  // for decoded base64
  std::unique_lock lock(mutex);
  for (;;) {
    work_available.wait(lock, [this] { return closed || !ready.empty(); });
    // A busy mailbox with a waiting frame is queued again by the worker that holds it.
    if (ready.empty()) return;
    const std::shared_ptr<mailbox_state> box = pop_next();
    if (!box) continue;

    frame f = std::move(*box->waiting);
    box->waiting.reset();
    box->busy = true;
    const time_point start = now();
    if (!is_stale(f, start)) box->last_served = start;  // a stale frame must not cost the mailbox its turn
    --stats.waiting;
    f.options.under_load = stats.waiting >= options.workers;
    ++stats.working;
    lock.unlock();
    process(*box, std::move(f), start, buffer);
    lock.lock();
    // The next frame of this mailbox may start only now, or its outcome could overtake this one's.
    box->busy = false;
    --stats.working;
    enqueue_if_ready(box);
  }
}

/// Analyzes the frame unless it is stale, and reports the outcome.
void frame_queue::state::process(mailbox_state& box, frame f, time_point start, std::string& buffer) {
  outcome result{.number = f.number, .queue_ms = to_ms(start - f.received)};
  const bool stale = is_stale(f, start);
  if (stale)
    result.dropped = drop_reason::stale;
  else
    analyze(box, f, buffer, result);
  {
    const std::lock_guard lock(mutex);
    stats.busy_ms_sum += to_ms(now() - start);
    if (stale)
      ++stats.dropped[static_cast<std::size_t>(drop_reason::stale)];
    else
      ++(result.error ? stats.failed : stats.analyzed);
  }
  box.notify(std::move(result));
}

void frame_queue::state::analyze(mailbox_state& box, const frame& f, std::string& buffer,
                                 outcome& result) const {
  try {
    const time_point start = now();
    const auto bytes = image_bytes(f.image, buffer);
    const double base64_ms = to_ms(now() - start);
    result.analysis = analyses.take();
    result.analysis->times = {};
    result.error = bytes ? box.analyze(*bytes, f.options, f.received, *result.analysis) : bytes.error();
    result.analysis->times.decode += base64_ms;
  } catch (const std::exception& e) {
    spdlog::error("the analysis of a frame threw: {}", e.what());
    result.error = frame_error::internal;
  } catch (...) {
    spdlog::error("the analysis of a frame threw an unknown exception");
    result.error = frame_error::internal;
  }
  if (result.error) result.analysis.reset();
}

frame_queue::mailbox::~mailbox() {
  if (box_) cancel();
}

void frame_queue::mailbox::submit(frame f) {
  queue_->submit(box_, std::move(f));
}

void frame_queue::mailbox::cancel() {
  queue_->cancel(*box_);
}

frame_queue::frame_queue(queue_options options, clock_function now) {
  if (options.workers == 0) options.workers = std::max(1U, std::thread::hardware_concurrency());
  state_ = std::make_shared<state>(options, std::move(now));
  state_->workers.reserve(options.workers);
  try {
    // A plain pointer suffices, because close() joins the workers before the state is destroyed.
    for (unsigned i = 0; i < options.workers; ++i)
      state_->workers.emplace_back([s = state_.get()] { s->run_worker(); });
  } catch (...) {
    close();
    throw;
  }
}

frame_queue::~frame_queue() {
  close();
}

frame_queue::mailbox frame_queue::open_mailbox(analyze_function analyze, listener on_outcome) {
  return {state_, std::make_shared<mailbox_state>(std::move(analyze), std::move(on_outcome), state_->now())};
}

void frame_queue::close() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }
  state_->work_available.notify_all();
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
