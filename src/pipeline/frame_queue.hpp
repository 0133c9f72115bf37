#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include "base/clock.hpp"
#include "base/pool.hpp"
#include "pipeline/encoded_image.hpp"
#include "pipeline/worker_share.hpp"
#include "vision/analyzer.hpp"

namespace emostream::pipeline {

/// One image to be analyzed.
struct frame {
  std::uint64_t number = 0;  ///< identifies the frame in its outcome; chosen by the caller
  encoded_image image;
  vision::frame_options options;  ///< under_load is set by the queue
  time_point received;
};

/// Why a frame was dropped without a result.
enum class drop_reason {
  replaced,       ///< a newer frame of the same mailbox arrived while it waited
  stale,          ///< it waited longer than the deadline
  cancelled,      ///< the mailbox was cancelled or destroyed while it waited
  shutting_down,  ///< it was submitted after close()
};
inline constexpr std::size_t drop_reason_count = 4;

/// The name in snake_case, as sent to clients.
std::string_view to_string(drop_reason reason);

/// How a frame ended: dropped, failed or analyzed.
struct outcome {
  std::uint64_t number = 0;  ///< of the frame
  std::optional<drop_reason> dropped = {};
  std::error_code error = {};                    ///< vision::image_error or frame_error
  pool<vision::analysis>::handle analysis = {};  ///< set unless dropped or failed; pooled memory
  double queue_ms = 0;                           ///< time spent waiting for a worker
};

struct queue_options {
  unsigned workers = 0;        ///< threads; 0: one per core
  milliseconds deadline{250};  ///< frames that waited longer are dropped as stale
  /// A mailbox whose frame is older than this is skipped in favour of others, if its sender is expected to
  /// replace the frame soon.
  milliseconds max_fresh_age{15};
};

/// Counters since the start, and gauges. For metrics.
struct queue_stats {
  std::uint64_t submitted = 0;
  std::uint64_t analyzed = 0;
  std::uint64_t failed = 0;
  std::array<std::uint64_t, drop_reason_count> dropped{};  ///< indexed by drop_reason
  double busy_ms_sum = 0;                                  ///< spent on frames by all workers together
  std::size_t waiting = 0;                                 ///< frames in mailboxes now
  std::size_t working = 0;                                 ///< frames being processed now
};

/// The mailboxes of all clients, and the workers that process their frames.
///
/// A mailbox holds one frame: a newer frame replaces the one that waits. At most one frame of a mailbox is
/// processed at a time. Workers serve the account that has used the least worker time, and of its mailboxes
/// the one served longest ago. So neither many connections nor frequent frames nor images that are slow to
/// decode give one account more of the workers than another that needs them (ADR 22, ADR 23). Memory is
/// bounded by the number of mailboxes, and a steady stream of frames causes no allocation here. All members
/// except close() are thread-safe; no lock is held during analysis or while a listener runs.
class frame_queue {
  struct state;

 public:
  /// Analyzes an image that arrived at `received` and writes the result to `into`, whose memory is reused.
  /// Called on worker threads, for one frame of a mailbox at a time, in order of submission. An exception
  /// becomes frame_error::internal.
  using analyze_function = std::move_only_function<std::error_code(
      std::span<const std::uint8_t> bytes, const vision::frame_options& options, time_point received,
      vision::analysis& into)>;
  /// Receives the outcome of each frame of a mailbox, exactly once. For frames that a worker took it is
  /// called on the worker's thread, in order of submission. For the others it is called on the thread
  /// that calls submit(), cancel() or the mailbox's destructor, possibly concurrently. Must not throw.
  using listener = std::function<void(outcome)>;
  using clock_function = std::function<time_point()>;

  /// Holds the newest frame of one client. Move-constructible; may outlive the queue.
  class mailbox {
   public:
    mailbox(mailbox&&) noexcept = default;
    mailbox& operator=(mailbox&&) = delete;
    /// Calls cancel().
    ~mailbox();

    void submit(frame f);
    /// Drops the waiting frame. A frame that a worker has taken is processed and reported as usual.
    void cancel();

   private:
    friend class frame_queue;
    mailbox(std::shared_ptr<state> queue, std::shared_ptr<mailbox_state> box)
        : queue_(std::move(queue)), box_(std::move(box)) {}
    std::shared_ptr<state> queue_;
    std::shared_ptr<mailbox_state> box_;
  };

  /// Starts the workers.
  explicit frame_queue(queue_options options, clock_function now = steady_clock::now);
  /// Calls close().
  ~frame_queue();
  frame_queue(const frame_queue&) = delete;
  frame_queue& operator=(const frame_queue&) = delete;

  /// The worker time of the mailbox's frames is charged to `share`. Both functions are kept at least
  /// until the mailbox is destroyed and its last outcome has been reported.
  [[nodiscard]] mailbox open_mailbox(std::shared_ptr<worker_share> share, analyze_function analyze,
                                     listener on_outcome);

  /// Stops accepting frames, processes those already submitted, and joins the workers. Must not be called
  /// from a listener.
  void close();

  [[nodiscard]] queue_stats stats() const;
  [[nodiscard]] unsigned workers() const;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace emostream::pipeline
