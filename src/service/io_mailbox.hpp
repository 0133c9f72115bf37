#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/in_flight_counter.hpp"

namespace emostream::service {

/// Runs a task on the I/O thread. Thread-safe.
using post_function = std::function<void(std::move_only_function<void()>)>;

/// Creates the function that analyzes the frames of one mailbox.
using analyzer_factory = std::function<pipeline::frame_queue::analyze_function()>;

/// A mailbox of the frame queue that is used from the I/O thread: each outcome is posted there, together with
/// the context that was submitted with its frame. Counts its frames as in flight until their outcomes have
/// been handled. I/O thread only.
template <class Context>
class io_mailbox {
 public:
  /// Called on the I/O thread, once per frame, even after the mailbox is destroyed. Exceptions are logged.
  using outcome_handler = std::move_only_function<void(Context, pipeline::outcome)>;

  io_mailbox(pipeline::frame_queue& queue, std::shared_ptr<pipeline::worker_share> share,
             pipeline::frame_queue::analyze_function analyze, post_function post,
             std::shared_ptr<in_flight_counter> in_flight, outcome_handler on_outcome)
      : shared_(std::make_shared<shared_part>(std::move(post), std::move(in_flight), std::move(on_outcome))),
        mailbox_(queue.open_mailbox(
            std::move(share), std::move(analyze),
            [shared = shared_](pipeline::outcome result) { post_outcome(shared, std::move(result)); })) {}

  /// `frame.number` is assigned here.
  void submit(pipeline::frame frame, Context context) {
    shared_->in_flight->add();
    frame.number = shared_->add(std::move(context));
    mailbox_.submit(std::move(frame));
  }
  /// Drops the waiting frame; its outcome is posted like any other.
  void cancel() { mailbox_.cancel(); }

 private:
  /// Shared with the frame queue's listener and the posted tasks, which may outlive the mailbox. I/O thread
  /// only, except `post`.
  struct shared_part {
    shared_part(post_function p, std::shared_ptr<in_flight_counter> c, outcome_handler h)
        : post(std::move(p)), in_flight(std::move(c)), on_outcome(std::move(h)) {}

    std::uint64_t add(Context context) {
      contexts.emplace_back(++last_number, std::move(context));
      return last_number;
    }
    Context take(std::uint64_t number) {
      const auto found = std::ranges::find(contexts, number, &entry::first);
      Context context = std::move(found->second);
      contexts.erase(found);
      return context;
    }

    using entry = std::pair<std::uint64_t, Context>;
    const post_function post;
    const std::shared_ptr<in_flight_counter> in_flight;
    outcome_handler on_outcome;
    std::uint64_t last_number = 0;
    std::vector<entry> contexts;  ///< of the frames whose outcome is pending
  };

  /// Called on any thread. Only posts the outcome to the I/O thread.
  static void post_outcome(const std::shared_ptr<shared_part>& shared, pipeline::outcome result) {
    shared->post([shared, result = std::move(result)]() mutable {
      Context context = shared->take(result.number);
      guarded("the handler of a frame's outcome",
              [&] { shared->on_outcome(std::move(context), std::move(result)); });
      shared->in_flight->remove();
    });
  }

  std::shared_ptr<shared_part> shared_;
  pipeline::frame_queue::mailbox mailbox_;
};

}  // namespace emostream::service
