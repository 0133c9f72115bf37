#include "vision/reading_cache.hpp"

#include <algorithm>
#include <cmath>

#include "vision/engine.hpp"

namespace emostream::vision {

namespace {

/// A reading is reused if the correlation of the crops is at least this. In stream_test.cpp, the
/// probabilities of such crops differ by less than 0.05.
constexpr float unchanged_correlation = 0.995F;

/// The correlation of two crops, -1..1, which is independent of brightness and contrast; -1 if undefined.
float correlation(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size() || a.empty()) return -1;
  double sum_a = 0;
  double sum_b = 0;
  double square_a = 0;
  double square_b = 0;
  double product = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    square_a += a[i] * a[i];
    square_b += b[i] * b[i];
    product += a[i] * b[i];
  }
  const auto count = static_cast<double>(a.size());
  const double variance = (square_a - sum_a * sum_a / count) * (square_b - sum_b * sum_b / count);
  return variance > 0 ? static_cast<float>((product - sum_a * sum_b / count) / std::sqrt(variance)) : -1;
}

}  // namespace

const reading_cache::entry* reading_cache::find(const face& f) const {
  const auto found = std::ranges::find(entries_, f.id, &entry::face_id);
  return found == entries_.end() ? nullptr : &*found;
}

reading_cache::entry& reading_cache::find_or_add(const face& f) {
  const auto found = std::ranges::find(entries_, f.id, &entry::face_id);
  if (found != entries_.end()) return *found;
  entries_.emplace_back().face_id = f.id;
  return entries_.back();
}

std::size_t reading_cache::choose(std::span<face> faces, std::size_t most) const {
  if (faces.size() <= most) return faces.size();
  const auto measured = [&](const face& f) {
    const entry* const cached = find(f);
    return cached ? cached->cropped : time_point::min();
  };
  std::ranges::stable_sort(faces, {}, measured);
  return most;
}

void reading_cache::reuse(std::span<face> faces, time_point now, const engine& models,
                          workspace& work) const {
  engine::select_all(work);
  if (reuse_for_.count() == 0) return;
  std::erase_if(work.selected, [&](std::size_t i) {
    face& f = faces[i];
    const entry* const cached = find(f);
    if (!cached || now - cached->computed > reuse_for_ ||
        correlation(models.crop(work, i), cached->crop) < unchanged_correlation)
      return false;
    f.reading = cached->reading;
    f.hidden = cached->hidden;
    flag_cover(f.quality, f.hidden);
    return true;
  });
}

void reading_cache::update(std::span<const face> faces, std::size_t count, time_point now,
                           const engine& models, const workspace& work) {
  std::erase_if(entries_,
                [&](const entry& e) { return std::ranges::count(faces, e.face_id, &face::id) == 0; });
  for (std::size_t k = 0; k < work.selected.size(); ++k) {
    const face& f = faces[work.selected[k]];
    entry& cached = find_or_add(f);
    cached.computed = now;
    const auto crop = models.crop(work, k);
    cached.crop.assign(crop.begin(), crop.end());
    cached.reading = *f.reading;
    cached.hidden = f.hidden;
  }
  for (const face& f : faces.first(count)) {
    entry& cached = find_or_add(f);
    cached.cropped = now;
    cached.quality = f.quality;
  }
}

void reading_cache::recall(std::span<face> faces) const {
  for (face& f : faces) {
    const entry* const cached = find(f);
    if (!cached) continue;
    f.reading = cached->reading;
    f.hidden = cached->hidden;
    recall_crop_quality(cached->quality, f.quality);
    flag_cover(f.quality, f.hidden);
  }
}

}  // namespace emostream::vision
