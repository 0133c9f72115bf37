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
#include "vision/analyzer.hpp"

namespace emostream::pipeline {

/// One image to be analyzed.
struct frame {
  std::uint64_t number = 0;  ///< by which its sender knows it
  encoded_image image;
  vision::frame_options options;  ///< under_load is the queue's to say
  time_point received;            ///< since when it waits
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

/// What became of a frame: dropped, an error, or an analysis.
struct outcome {
  std::uint64_t number = 0;  ///< the frame's
  std::optional<drop_reason> dropped = {};
  std::error_code error = {};                    ///< vision::image_error or frame_error
  pool<vision::analysis>::handle analysis = {};  ///< if neither; its memory is used again when it is let go
  double queue_ms = 0;                           ///< how long it waited
};

struct queue_options {
  unsigned workers = 0;  ///< threads; 0: as many as the machine has cores
  milliseconds deadline{250};
  /// A lane whose frame is older than this waits for its sender's next, if that does not wait for answers,
  /// while others have younger frames.
  milliseconds fresh{15};
};

/// What happened so far, for metrics.
struct queue_stats {
  std::uint64_t submitted = 0;
  std::uint64_t analyzed = 0;
  std::uint64_t failed = 0;
  std::array<std::uint64_t, drop_reason_count> dropped{};  ///< by drop_reason
  double busy_ms_sum = 0;                                  ///< that workers spent on frames, all together
  std::size_t waiting = 0;                                 ///< frames in mailboxes now
  std::size_t working = 0;                                 ///< frames in workers' hands now
};

/// The mailboxes of all connections and the workers that empty them.
///
/// Each connection opens a lane: one slot in which the newest frame replaces the one that waits, and at most
/// one frame in a worker's hands. Workers take lanes, not frames: the one that was served longest ago first,
/// so that a lane that submits ten times as often is not served more often. Memory is bounded by the number
/// of lanes, and a steady stream of frames allocates nothing here. All members may be called from any thread;
/// no lock is held while computing or telling.
class frame_queue {
  struct slot;
  struct state;

 public:
  /// Computes what is in an image that came at `received`, into an analysis whose memory is used again.
  /// Called on workers' threads, for one frame of the lane at a time and in order. What it throws becomes
  /// frame_error::internal.
  using analyze_function = std::move_only_function<std::error_code(
      std::span<const std::uint8_t> bytes, const vision::frame_options& options, time_point received,
      vision::analysis& into)>;
  /// Hears what became of each frame of a lane, exactly once. Called on a worker's thread for frames that a
  /// worker took, in order of submission; on the thread of submit(), cancel() or the lane's destructor for
  /// the others, at the same time even. Must not throw.
  using listener = std::function<void(outcome)>;
  using clock_function = std::function<time_point()>;

  /// A connection's mailbox. Movable; may outlive the queue.
  class lane {
   public:
    lane(lane&&) noexcept = default;
    lane& operator=(lane&&) = delete;
    /// cancel()s.
    ~lane();

    void submit(frame f);
    /// Gives up the frame that waits. One that a worker has already goes on and is told as usual.
    void cancel();

   private:
    friend class frame_queue;
    lane(std::shared_ptr<state> s, std::shared_ptr<slot> own) : state_(std::move(s)), slot_(std::move(own)) {}
    std::shared_ptr<state> state_;
    std::shared_ptr<slot> slot_;
  };

  /// Starts the workers.
  explicit frame_queue(queue_options options, clock_function now = steady_clock::now);
  /// close()s.
  ~frame_queue();
  frame_queue(const frame_queue&) = delete;
  frame_queue& operator=(const frame_queue&) = delete;

  /// Both functions live until the lane is gone and its last frame is told of.
  [[nodiscard]] lane open(analyze_function analyze, listener tell);

  /// Drops what is submitted from now on, finishes what was submitted before, and joins the workers. Not from
  /// a listener.
  void close();

  [[nodiscard]] queue_stats stats() const;
  [[nodiscard]] unsigned workers() const;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace emostream::pipeline
