#include "vision/landmarks/blink_counter.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace emostream::vision {

namespace {

using seconds = std::chrono::duration<double>;

// Of the openness, relative to the open level. At 10 frames per second, the lowest mean seen in a blink is
// 0.3 or less.
constexpr float closed_below = 0.35F;
constexpr float open_above = 0.5F;
/// Of the wider eye, while the mean is that of closed eyes: it winks. In a blink, one eye may be seen at 0.5.
constexpr float wink_above = 0.55F;

constexpr milliseconds min_blink{50};
constexpr milliseconds max_blink{500};
constexpr milliseconds max_interval{300};

// The open level follows wider eyes within a second, but narrower ones slowly: it stays near the upper end of
// the last seconds, and a blink hardly lowers it. A face's first seconds count more.
constexpr double rise_s = 0.5;
constexpr double first_fall_s = 1;
constexpr double fall_s = 20;
constexpr float min_open_level = 0.35F;  ///< eyes that stay closed never count as open

// Short enough that one frame of a blink is seen.
constexpr double openness_smoothing_s = 0.05;
constexpr double gaze_smoothing_s = 0.1;

/// Moves a value towards another, with a time constant.
void approach(float& value, float target, double interval, double time_constant) {
  value += (target - value) * static_cast<float>(1 - std::exp(-interval / time_constant));
}

}  // namespace

eye_states blink_counter::update(const eye_states& seen, time_point now) {
  if (!first_) start(seen, now);
  const double age = seconds(now - *first_).count();
  const double interval = seconds(now - last_).count();
  if (now - last_ > max_interval) phase_ = phase::unknown;
  last_ = now;

  const float left = relate(left_, seen.left.openness, age, interval);
  const float right = relate(right_, seen.right.openness, age, interval);
  watch(left, right, now);
  smooth(left_, seen.left, left, interval);
  smooth(right_, seen.right, right, interval);
  return {left_.smoothed, right_.smoothed};
}

void blink_counter::start(const eye_states& seen, time_point now) {
  first_ = last_ = now;
  left_.smoothed = seen.left;
  right_.smoothed = seen.right;
  for (eye* e : {&left_, &right_}) e->smoothed.openness = std::min(e->smoothed.openness, 1.0F);
}

float blink_counter::relate(eye& e, float openness, double age, double interval) {
  const double fall = std::clamp(age, first_fall_s, fall_s);
  approach(e.open_level, openness, interval, openness > e.open_level ? rise_s : fall);
  e.open_level = std::max(e.open_level, min_open_level);
  return std::clamp(openness / e.open_level, 0.0F, 1.0F);
}

void blink_counter::smooth(eye& e, const eye_state& seen, float openness, double interval) {
  approach(e.smoothed.openness, openness, interval, openness_smoothing_s);
  if (openness < closed_below) return;  // the lids cover the iris
  approach(e.smoothed.gaze.x, seen.gaze.x, interval, gaze_smoothing_s);
  approach(e.smoothed.gaze.y, seen.gaze.y, interval, gaze_smoothing_s);
}

void blink_counter::watch(float left, float right, time_point now) {
  const float mean = (left + right) / 2;
  const bool is_wink = std::max(left, right) > wink_above;
  if (mean > open_above) {
    const auto duration = now - closed_since_;
    if (phase_ == phase::closed && duration >= min_blink && duration <= max_blink) ++blinks_;
    phase_ = phase::open;
  } else if (phase_ == phase::open && mean < closed_below && !is_wink) {
    phase_ = phase::closed;
    closed_since_ = now;
  }
}

}  // namespace emostream::vision
