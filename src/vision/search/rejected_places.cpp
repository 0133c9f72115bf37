#include "vision/search/rejected_places.hpp"

#include <algorithm>

namespace emostream::vision {

namespace {

/// A face that overlaps a place where none was found, or lies in a large one, is looked at.
bool is_same_place(const detection& a, const detection& b) {
  constexpr float min_iou = 0.6F;
  return iou(a.box, b.box) > min_iou;
}

}  // namespace

void rejected_places::add(const detection& candidate, milliseconds interval, time_point now) {
  const auto is_here = [&](const place& p) { return is_same_place(p.candidate, candidate); };
  if (const auto before = std::ranges::find_if(places_, is_here); before != places_.end())
    interval = std::min(2 * before->interval, max_interval);
  // Detectors report a place in most searches but not in each, so it is remembered beyond its interval.
  std::erase_if(places_, [&](const place& p) { return is_here(p) || now >= p.until + p.interval; });
  places_.push_back({candidate, interval, now + interval});
}

bool rejected_places::contains(const detection& candidate, time_point now) const {
  constexpr float min_gain = 0.1F;
  return std::ranges::any_of(places_, [&](const place& p) {
    return now < p.until && is_same_place(p.candidate, candidate) &&
           candidate.confidence < p.candidate.confidence + min_gain;
  });
}

}  // namespace emostream::vision
