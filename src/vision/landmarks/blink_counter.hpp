#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "vision/landmarks/eye_states.hpp"

namespace emostream::vision {

/// Smooths the eyes of one face of a stream, relates their openness to how far this face usually opens them,
/// and counts blinks. A blink is counted when both eyes have been closed for 50 to 500 ms and are open again.
/// At fewer than about 8 frames per second, a short blink may fall between two frames; and after an interval
/// of more than 300 ms, as if the face was lost, it is not known when the eyes closed. A glance down is no
/// blink unless the lids nearly close.
class blink_counter {
 public:
  /// Returns the smoothed eyes; their openness is 0..1, where 1 is as far open as this face usually opens
  /// them: at first, the openness that eyes_of() gives. While an eye is closed its gaze is the last one
  /// before. `now` must not go backwards.
  eye_states update(const eye_states& seen, time_point now);

  [[nodiscard]] std::uint32_t blinks() const { return blinks_; }

 private:
  struct eye {
    float open_level = 1;  ///< the openness to which it is related
    eye_state smoothed;
  };
  void start(const eye_states& seen, time_point now);
  /// `age` and `interval` are the seconds since the first and the previous update.
  static float relate(eye& e, float openness, double age, double interval);
  static void smooth(eye& e, const eye_state& seen, float openness, double interval);
  void watch(float left, float right, time_point now);

  enum class phase { unknown, open, closed };

  eye left_;
  eye right_;
  std::optional<time_point> first_;
  time_point last_;
  phase phase_ = phase::unknown;
  time_point closed_since_;
  std::uint32_t blinks_ = 0;
};

}  // namespace emostream::vision
