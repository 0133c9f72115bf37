#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "pipeline/frame_queue.hpp"

namespace emostream::pipeline {

/// Records lines in the order of their arrival. Thread-safe.
class journal {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Fixture for a queue with a manual clock and a fake analyzer that is controlled by the content of the
/// images.
class frame_queue_test : public testing::Test {
 protected:
  std::unique_ptr<frame_queue> make(unsigned workers) {
    return std::make_unique<frame_queue>(queue_options{.workers = workers},
                                         [this] { return time_point(milliseconds(now_ms)); });
  }

  /// "hold…" blocks until the gate is released; "throw", "throw 42" and "fail" fail; any other image
  /// succeeds.
  std::error_code analyze(std::span<const std::uint8_t> bytes, const vision::frame_options& options,
                          vision::analysis& into) {
    const std::string text(bytes.begin(), bytes.end());
    if (text.starts_with("hold")) {
      held.release();
      gate.acquire();
    }
    computed.add(text);
    if (text == "throw") throw std::runtime_error("bug");
    if (text == "throw 42") throw 42;
    if (text == "fail") return frame_error::bad_base64;
    into.width = static_cast<int>(text.size());
    into.height = options.max_faces;
    return {};
  }

  /// Opens a mailbox with a share of its own.
  frame_queue::mailbox open(frame_queue& queue, frame_queue::listener on_outcome) {
    return queue.open_mailbox(
        std::make_shared<worker_share>(),
        [this](auto bytes, const auto& options, time_point, vision::analysis& into) {
          return analyze(bytes, options, into);
        },
        std::move(on_outcome));
  }
  /// Opens a mailbox whose outcomes are recorded in `outcomes`, for example "a: ok" or "b: replaced".
  frame_queue::mailbox open(frame_queue& queue) {
    return open(queue, [this](outcome o) {
      std::string result = "ok";
      if (o.dropped) result = to_string(*o.dropped);
      if (o.error) result = o.error.message();
      outcomes.add(name_of(o.number) + ": " + result);
    });
  }

  frame make_frame(std::string text, bool base64 = false) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    return {.number = remember(*owner),
            .image = {.owner = owner, .content = *owner, .is_text = base64},
            .options = {.min_confidence = 0.5F, .max_faces = 7},
            .received = time_point(milliseconds(now_ms))};
  }

  void submit(frame_queue::mailbox& to, const std::string& text) { to.submit(make_frame(text)); }

  /// Blocks a worker with a frame of that mailbox.
  void hold_the_worker(frame_queue::mailbox& blocker) {
    submit(blocker, "hold");
    held.acquire();
  }

  std::atomic<int> now_ms{1'000'000};
  std::counting_semaphore<> held{0};
  std::counting_semaphore<> gate{0};
  journal computed;
  journal outcomes;

 private:
  std::uint64_t remember(const std::string& text) {
    const std::lock_guard lock(mutex_);
    names_.push_back(text);
    return names_.size() - 1;
  }
  std::string name_of(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    return names_.at(number);
  }
  std::mutex mutex_;
  std::vector<std::string> names_;
};

}  // namespace emostream::pipeline
