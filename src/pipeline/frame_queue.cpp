#include "pipeline/frame_queue.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

namespace emostream::pipeline {

namespace {

struct job {
  frame work;
  completion done;
};

void tell(job told, outcome what) {
  try {
    told.done(std::move(what));
  } catch (const std::exception& e) {
    spdlog::error("a frame's completion threw: {}", e.what());
  }
}

}  // namespace

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
  std::optional<job> waiting;
  bool in_turn = false;  ///< it is in state::ready
  bool busy = false;     ///< a worker has a frame of it
};

struct frame_queue::state {
  state(queue_options o, analyze_function a, clock_function n)
      : options(o), analyze(std::move(a)), now(std::move(n)) {}

  const queue_options options;
  const analyze_function analyze;
  const clock_function now;

  mutable std::mutex mutex;
  std::condition_variable work_to_do;
  std::deque<std::shared_ptr<slot>> ready;  ///< slots with a frame waiting and none in work, in turn
  bool closed = false;
  queue_stats stats;
  std::vector<std::thread> workers;  ///< written by the constructor and close() only

  void submit(const std::shared_ptr<slot>& to, frame f, completion done);
  void cancel(slot& of);
  void run();

 private:
  void make_ready(const std::shared_ptr<slot>& s);
  void process(job j);
  outcome compute(const frame& f) const;
  void drop(job dropped, drop_reason why);
};

/// With the lock held: gives the slot its turn, if it has work and nobody is at it.
void frame_queue::state::make_ready(const std::shared_ptr<slot>& s) {
  if (s->in_turn || s->busy || !s->waiting) return;
  s->in_turn = true;
  ready.push_back(s);
  work_to_do.notify_one();
}

/// Without the lock; the counter is the caller's to have raised.
void frame_queue::state::drop(job dropped, drop_reason why) {
  const double waited = to_ms(now() - dropped.work.received);
  tell(std::move(dropped), {.dropped = why, .analysis = {}, .queue_ms = waited});
}

void frame_queue::state::submit(const std::shared_ptr<slot>& to, frame f, completion done) {
  std::optional<job> given_up = job{std::move(f), std::move(done)};
  drop_reason why = drop_reason::shutting_down;
  {
    const std::lock_guard lock(mutex);
    ++stats.submitted;
    if (!closed) {
      given_up.swap(to->waiting);
      why = drop_reason::replaced;
      if (!given_up) ++stats.waiting;
      make_ready(to);
    }
    if (given_up) ++stats.dropped[static_cast<std::size_t>(why)];
  }
  if (given_up) drop(std::move(*given_up), why);
}

void frame_queue::state::cancel(slot& of) {
  std::optional<job> given_up;
  {
    const std::lock_guard lock(mutex);
    given_up.swap(of.waiting);
    if (!given_up) return;
    --stats.waiting;
    ++stats.dropped[static_cast<std::size_t>(drop_reason::cancelled)];
  }
  drop(std::move(*given_up), drop_reason::cancelled);
}

void frame_queue::state::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    work_to_do.wait(lock, [this] { return closed || !ready.empty(); });
    // A slot that is busy now and has a frame waiting is the turn of the worker that is at it.
    if (ready.empty()) return;
    const std::shared_ptr<slot> s = std::move(ready.front());
    ready.pop_front();
    s->in_turn = false;
    if (!s->waiting) continue;  // cancelled in the meantime

    job j = std::move(*s->waiting);
    s->waiting.reset();
    s->busy = true;
    --stats.waiting;
    ++stats.working;
    lock.unlock();
    process(std::move(j));
    lock.lock();
    // Only now may the next frame of this slot go: its outcome would overtake this one's otherwise.
    s->busy = false;
    --stats.working;
    make_ready(s);
  }
}

void frame_queue::state::process(job j) {
  const auto waited = now() - j.work.received;
  const bool stale = waited > options.deadline;
  outcome what{.dropped = {}, .analysis = {}, .queue_ms = 0};
  if (stale)
    what.dropped = drop_reason::stale;
  else
    what = compute(j.work);
  what.queue_ms = to_ms(waited);
  {
    const std::lock_guard lock(mutex);
    stats.queue_ms_sum += what.queue_ms;
    const auto& bounds = queue_stats::bucket_bounds_ms;
    ++stats.queue_ms_buckets[static_cast<std::size_t>(std::ranges::lower_bound(bounds, what.queue_ms) -
                                                      bounds.begin())];
    if (stale)
      ++stats.dropped[static_cast<std::size_t>(drop_reason::stale)];
    else
      ++(what.analysis ? stats.analyzed : stats.failed);
  }
  tell(std::move(j), std::move(what));
}

outcome frame_queue::state::compute(const frame& f) const {
  outcome what{.dropped = {}, .analysis = {}, .queue_ms = 0};
  try {
    const time_point start = now();
    std::string buffer;
    const auto bytes = decode(f.image, buffer);
    const double decoding = to_ms(now() - start);
    what.analysis = bytes ? analyze(*bytes, f.options) : std::unexpected(bytes.error());
    if (what.analysis) what.analysis->times.decode += decoding;
  } catch (const std::exception& e) {
    spdlog::error("a frame's analysis threw: {}", e.what());
    what.analysis = failure(frame_error::internal);
  } catch (...) {
    spdlog::error("a frame's analysis threw something that is no std::exception");
    what.analysis = failure(frame_error::internal);
  }
  return what;
}

frame_queue::lane::~lane() {
  if (slot_) cancel();
}

void frame_queue::lane::submit(frame f, completion done) {
  state_->submit(slot_, std::move(f), std::move(done));
}

void frame_queue::lane::cancel() {
  state_->cancel(*slot_);
}

frame_queue::frame_queue(queue_options options, analyze_function analyze, clock_function now) {
  if (options.workers == 0) options.workers = std::max(1U, std::thread::hardware_concurrency());
  state_ = std::make_shared<state>(options, std::move(analyze), std::move(now));
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

frame_queue::lane frame_queue::open() {
  return {state_, std::make_shared<slot>()};
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
