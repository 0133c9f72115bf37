#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "vision/expression/reading.hpp"
#include "vision/face.hpp"

namespace emostream::vision {

class engine;
struct workspace;

/// The last readings of the faces of a stream, for faces that have not changed and for those that are not in
/// turn. Use from one thread at a time.
class reading_cache {
 public:
  /// Readings of unchanged faces are reused for `reuse_for`; 0: never.
  explicit reading_cache(milliseconds reuse_for) : reuse_for_(reuse_for) {}

  /// Moves the faces that were not measured for the longest time, at most `most`, to the front, and returns
  /// how many they are: in a crowd, the faces are measured in turns.
  std::size_t choose(std::span<face> faces, std::size_t most) const;

  /// Copies the readings of faces whose crop has not changed, and selects the other crops for classification.
  void reuse(std::span<face> faces, time_point now, const engine& models, workspace& work) const;

  /// Remembers the readings of the first `count` faces, which were measured; engine::classify() has moved the
  /// crops of those that were classified to the front. Forgets faces that are not in `faces`.
  void update(std::span<const face> faces, std::size_t count, time_point now, const engine& models,
              const workspace& work);

  /// Gives faces that were not measured their last reading and quality.
  void recall(std::span<face> faces) const;

 private:
  /// The reading of a face, and the crop that it was computed from.
  struct entry {
    std::uint64_t face_id = 0;
    time_point cropped;   ///< when the face was last compared with the crop
    time_point computed;  ///< when the reading was computed
    std::vector<float> crop;
    vision::reading reading;
    hidden_parts hidden;
    face_quality quality;  ///< when it was last cropped
  };

  [[nodiscard]] const entry* find(const face& f) const;
  entry& find_or_add(const face& f);

  milliseconds reuse_for_;
  std::vector<entry> entries_;
};

}  // namespace emostream::vision
