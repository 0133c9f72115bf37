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

#include "base/guarded.hpp"
#include "pipeline/mailbox_state.hpp"
#include "pipeline/serving_order.hpp"

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

namespace {

void notify(const mailbox_state& box, outcome result) {
  guarded("the listener for a frame's outcome", [&] { box.on_outcome(std::move(result)); });
}

}  // namespace

struct frame_queue::state {
  state(queue_options o, clock_function n) : options(o), now(std::move(n)), order(options) {}

  const queue_options options;
  const clock_function now;
  const pool<vision::analysis> analyses;

  mutable std::mutex mutex;
  std::condition_variable work_available;
  serving_order order;
  bool closed = false;
  queue_stats stats;
  std::vector<std::thread> workers;  ///< written by the constructor and close() only

  void submit(const std::shared_ptr<mailbox_state>& box, frame f);
  void cancel(mailbox_state& box);
  void run_worker();

 private:
  void enqueue_if_ready(const std::shared_ptr<mailbox_state>& box);
  void process(mailbox_state& box, frame f, time_point start, std::string& buffer);
  void analyze(mailbox_state& box, const frame& f, std::string& buffer, outcome& result) const;
  void notify_dropped(const mailbox_state& box, const frame& dropped, drop_reason reason) const;
};

/// Queues the mailbox if it has a waiting frame, is not busy and is not queued yet. Requires `mutex`.
void frame_queue::state::enqueue_if_ready(const std::shared_ptr<mailbox_state>& box) {
  if (box->queued || box->busy || !box->waiting) return;
  order.push(box);
  work_available.notify_one();
}

/// Requires that `mutex` is not held and that the caller has counted the drop.
void frame_queue::state::notify_dropped(const mailbox_state& box, const frame& dropped,
                                        drop_reason reason) const {
  notify(box, {.number = dropped.number, .dropped = reason, .queue_ms = to_ms(now() - dropped.received)});
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
    work_available.wait(lock, [this] { return closed || !order.empty(); });
    // A busy mailbox with a waiting frame is queued again by the worker that holds it.
    if (order.empty()) return;
    const time_point start = now();
    const std::shared_ptr<mailbox_state> box = order.pop(start);
    if (!box) continue;

    frame f = std::move(*box->waiting);
    box->waiting.reset();
    box->busy = true;
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
  const bool stale = order.is_stale(f, start);
  if (stale)
    result.dropped = drop_reason::stale;
  else
    analyze(box, f, buffer, result);
  {
    const std::lock_guard lock(mutex);
    const double busy_ms = to_ms(now() - start);
    stats.busy_ms_sum += busy_ms;
    if (stale) {
      ++stats.dropped[static_cast<std::size_t>(drop_reason::stale)];
    } else {
      serving_order::settle(box, busy_ms);
      ++(result.error ? stats.failed : stats.analyzed);
    }
  }
  notify(box, std::move(result));
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

frame_queue::mailbox frame_queue::open_mailbox(std::shared_ptr<worker_share> share, analyze_function analyze,
                                               listener on_outcome) {
  return {state_, std::make_shared<mailbox_state>(std::move(share), std::move(analyze), std::move(on_outcome),
                                                  state_->now())};
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
