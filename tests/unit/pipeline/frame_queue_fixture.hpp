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

/// Keeps the names of things in the order in which they happened, on any thread.
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

/// A queue whose clock stands still and whose images are words that tell the worker what to do.
class frame_queue_test : public testing::Test {
 protected:
  std::unique_ptr<frame_queue> make(unsigned workers) {
    return std::make_unique<frame_queue>(queue_options{.workers = workers},
                                         [this] { return time_point(milliseconds(now_ms)); });
  }

  /// What workers do is what the image says: "hold…" waits for the gate, "throw", "fail".
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

  frame_queue::lane open(frame_queue& queue, frame_queue::listener tell) {
    return queue.open([this](auto bytes, const auto& options, time_point,
                             vision::analysis& into) { return analyze(bytes, options, into); },
                      std::move(tell));
  }
  /// A lane whose frames are told of in the journal, as in "a: ok", "b: replaced".
  frame_queue::lane open(frame_queue& queue) {
    return open(queue, [this](outcome o) {
      std::string what = "ok";
      if (o.dropped) what = to_string(*o.dropped);
      if (o.error) what = o.error.message();
      told.add(name_of(o.number) + ": " + what);
    });
  }

  frame make_frame(std::string text, bool base64 = false) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    return {.number = remember(*owner),
            .image = {.owner = owner, .content = *owner, .text = base64},
            .options = {.min_confidence = 0.5F, .max_faces = 7},
            .received = time_point(milliseconds(now_ms))};
  }

  void submit(frame_queue::lane& to, const std::string& text) { to.submit(make_frame(text)); }

  /// With one worker: makes it wait in the middle of a frame of a lane of its own.
  void hold_the_worker(frame_queue::lane& blocker) {
    submit(blocker, "hold");
    held.acquire();
  }

  std::atomic<int> now_ms{1'000'000};
  std::counting_semaphore<> held{0};
  std::counting_semaphore<> gate{0};
  journal computed;
  journal told;

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
