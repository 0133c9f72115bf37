#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "pipeline/encoded_image.hpp"
#include "vision/analyzer.hpp"

namespace emostream::pipeline {

/// One image to be analyzed.
struct frame {
  encoded_image image;
  vision::frame_options options;
  time_point received;  ///< since when it waits
};

/// Why a frame was given up without a result.
enum class drop_reason {
  replaced,       ///< a newer one of the same connection came while it waited
  stale,          ///< it waited longer than the deadline
  cancelled,      ///< its connection stopped or went away while it waited
  shutting_down,  ///< it came after close()
};
inline constexpr std::size_t drop_reason_count = 4;

/// snake_case, as the client is told.
std::string_view to_string(drop_reason reason);

/// What became of a frame.
struct outcome {
  std::optional<drop_reason> dropped;
  result<vision::analysis> analysis;  ///< if not dropped; errors: vision::image_error, frame_error
  double queue_ms = 0;                ///< how long it waited
};

/// Hears what became of a frame, exactly once. Called on a worker's thread for frames that a worker took, in
/// order of submission; on the thread of submit(), cancel() or the lane's destructor for the others. Must not
/// throw.
using completion = std::move_only_function<void(outcome)>;

struct queue_options {
  unsigned workers = 0;  ///< threads; 0: as many as the machine has cores
  milliseconds deadline{250};
};

/// What happened so far, for metrics.
struct queue_stats {
  static constexpr std::array<double, 7> bucket_bounds_ms{1, 5, 10, 25, 50, 100, 250};

  std::uint64_t submitted = 0;
  std::uint64_t analyzed = 0;
  std::uint64_t failed = 0;
  std::array<std::uint64_t, drop_reason_count> dropped{};  ///< by drop_reason
  double queue_ms_sum = 0;                                 ///< of the frames that a worker took
  /// How many of those waited at most bucket_bounds_ms[i]; the last: longer than all. Not cumulative.
  std::array<std::uint64_t, bucket_bounds_ms.size() + 1> queue_ms_buckets{};
  std::size_t waiting = 0;  ///< frames in mailboxes now
  std::size_t working = 0;  ///< frames in workers' hands now
};

/// The mailboxes of all connections and the workers that empty them.
///
/// Each connection opens a lane: one slot in which the newest frame replaces the one that waits, and at most
/// one frame in a worker's hands. Workers take lanes, not frames, in turn, so that a lane that submits ten
/// times as often is not served more often. Memory is bounded by the number of lanes. All members may be
/// called from any thread; no lock is held while computing or telling.
class frame_queue {
  struct slot;
  struct state;

 public:
  /// Computes the analysis of an image on a worker's thread. What it throws becomes frame_error::internal.
  using analyze_function =
      std::function<result<vision::analysis>(std::span<const std::uint8_t>, const vision::frame_options&)>;
  using clock_function = std::function<time_point()>;

  /// A connection's mailbox. Movable; may outlive the queue.
  class lane {
   public:
    lane(lane&&) noexcept = default;
    lane& operator=(lane&&) = delete;
    /// cancel()s.
    ~lane();

    void submit(frame f, completion done);
    /// Gives up the frame that waits. One that a worker has already goes on and is told as usual.
    void cancel();

   private:
    friend class frame_queue;
    lane(std::shared_ptr<state> s, std::shared_ptr<slot> own) : state_(std::move(s)), slot_(std::move(own)) {}
    std::shared_ptr<state> state_;
    std::shared_ptr<slot> slot_;
  };

  /// Starts the workers.
  frame_queue(queue_options options, analyze_function analyze, clock_function now = steady_clock::now);
  /// close()s.
  ~frame_queue();
  frame_queue(const frame_queue&) = delete;
  frame_queue& operator=(const frame_queue&) = delete;

  [[nodiscard]] lane open();

  /// Drops what is submitted from now on, finishes what was submitted before, and joins the workers. Not from
  /// a completion.
  void close();

  [[nodiscard]] queue_stats stats() const;
  [[nodiscard]] unsigned workers() const;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace emostream::pipeline
