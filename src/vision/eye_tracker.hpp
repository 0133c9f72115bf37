#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "vision/face.hpp"
#include "vision/landmarks/blink_counter.hpp"
#include "vision/landmarks/face_mesh.hpp"
#include "vision/tracking/tracker.hpp"

namespace emostream::vision {

class engine;
struct workspace;

/// Sets the eyes of the faces in an image that is not part of a stream, where they can be seen.
void find_eyes(std::span<face> faces, const engine& models, workspace& work);

/// The largest reduction of the frame at which the eyes of these faces have enough pixels.
int eye_reduction(std::span<const face> faces);

/// Finds the eyes of the faces of one stream, smooths them and counts blinks. Use from one thread at a time.
class eye_tracker {
 public:
  /// Of a frame; each takes 2.5 to 3.6 ms.
  static constexpr std::size_t max_faces = 4;

  /// Sets the eyes of the largest faces, where they can be seen. `faces` are those of the next frame, the
  /// largest first, received at `now` (must not go backwards). Forgets faces that have no track any more.
  void update(std::span<face> faces, std::span<const track> tracks, time_point now, const engine& models,
              workspace& work);

 private:
  struct known_face {
    blink_counter counter;
    std::optional<mesh_points> last;  ///< as the attention network saw them
  };
  std::map<std::uint64_t, known_face> known_;  ///< by face id
};

}  // namespace emostream::vision
