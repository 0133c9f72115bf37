#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include "base/clock.hpp"
#include "vision/analyzer.hpp"
#include "vision/stream_options.hpp"
#include "vision/tracking/tracker.hpp"

namespace emostream::vision {

class engine;
struct workspace;

/// The frames of one sender, one after another: faces are looked for now and then, sooner while they
/// change, at once when one is lost, and followed in between; each has an id. One thread at a time.
class stream {
 public:
  stream(std::shared_ptr<const engine> models, const stream_options& options);

  /// The next frame, which came at `received` (must not go backwards): what is in it, in place of what was in
  /// `into`, whose memory is used again. Errors: image_error; the faces are then as if it had not come.
  std::error_code analyze(std::span<const std::uint8_t> encoded, const frame_options& options,
                          time_point received, analysis& into);

 private:
  /// What a face was found to express, and what it looked like then.
  struct answer {
    std::uint64_t id = 0;
    time_point given;
    std::vector<float> crop;
    vision::reading reading;
  };

  [[nodiscard]] bool is_detection_due(const frame_options& options, time_point received) const;
  std::error_code find_faces(std::span<const std::uint8_t> encoded, const frame_options& options,
                             time_point received, analysis& into, workspace& work);
  std::error_code decode(std::span<const std::uint8_t> encoded, bool detecting, analysis& into,
                         workspace& work) const;
  void detect(const frame_options& options, time_point received, workspace& work);
  void welcome(std::span<const std::size_t> strangers, const frame_options& options, time_point received,
               workspace& work);
  void report(const frame_options& options, analysis& into) const;
  void reuse_answers(std::span<face> faces, time_point received, workspace& work);
  void keep_answers(std::span<const face> faces, time_point received, const workspace& work);

  std::shared_ptr<const engine> engine_;
  stream_options options_;
  tracker tracker_;
  time_point detected_{};
  int since_detection_ = -1;   ///< frames; -1: there was none yet
  int reduction_ = 8;          ///< how much smaller the frames may be decoded for the faces in view
  std::size_t next_look_ = 0;  ///< at which of many strangers
  std::vector<answer> answers_;
};

/// A face where a detector found it.
face face_at(const face_place& place);

/// The largest first, and of them so many; 0: all.
void keep_largest(std::vector<face>& faces, int most);

}  // namespace emostream::vision
