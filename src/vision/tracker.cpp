#include "vision/tracker.hpp"

#include <algorithm>
#include <cstddef>

namespace emostream::vision {

tracker::tracker(float min_overlap, milliseconds lifetime) : min_overlap_(min_overlap), lifetime_(lifetime) {}

std::vector<std::uint64_t> tracker::update(std::span<const rect> boxes, time_point now) {
  std::erase_if(tracks_, [&](const track& t) { return now - t.seen > lifetime_; });

  // Greedy: the pair that overlaps most is matched first. Faces are few, so all pairs may be looked at.
  struct pair {
    float overlap;
    std::size_t track;
    std::size_t box;
  };
  std::vector<pair> pairs;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    for (std::size_t b = 0; b < boxes.size(); ++b) {
      const float o = overlap(tracks_[t].box, boxes[b]);
      if (o >= min_overlap_ && o > 0) pairs.push_back({o, t, b});
    }
  }
  std::ranges::stable_sort(pairs, std::ranges::greater{}, &pair::overlap);

  std::vector<std::uint64_t> ids(boxes.size(), 0);  // 0 is no id
  std::vector<bool> taken(tracks_.size(), false);
  for (const pair& p : pairs) {
    if (taken[p.track] || ids[p.box] != 0) continue;
    taken[p.track] = true;
    ids[p.box] = tracks_[p.track].id;
    tracks_[p.track].box = boxes[p.box];
    tracks_[p.track].seen = now;
  }
  for (std::size_t b = 0; b < boxes.size(); ++b) {
    if (ids[b] != 0) continue;
    ids[b] = next_id_++;
    tracks_.push_back({ids[b], boxes[b], now});
  }
  return ids;
}

}  // namespace emostream::vision
