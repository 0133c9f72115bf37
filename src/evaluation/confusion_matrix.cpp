#include "evaluation/confusion_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace emostream::evaluation {

namespace {

double ratio(std::size_t count, std::size_t total) {
  return static_cast<double>(count) / static_cast<double>(total);
}

/// The mean of `score` over the labels that have images.
template <class Score>
std::optional<double> mean(const confusion_matrix& matrix, Score score) {
  double sum = 0;
  int count = 0;
  for (std::size_t label = 0; label < matrix.labels(); ++label) {
    if (matrix.images(label) == 0) continue;
    sum += *score(label);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

}  // namespace

std::optional<double> proportion::value() const {
  if (total == 0) return std::nullopt;
  return ratio(count, total);
}

std::optional<interval> proportion::interval_95() const {
  if (total == 0) return std::nullopt;
  constexpr double z = 1.959963984540054;  // the 97.5 % quantile of the standard normal distribution
  const auto n = static_cast<double>(total);
  const double p = ratio(count, total);
  const double middle = p + z * z / (2 * n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double norm = 1 + z * z / n;
  // Clamping removes rounding errors where the bound is exactly 0 or 1.
  return interval{std::clamp((middle - half) / norm, 0.0, p), std::clamp((middle + half) / norm, p, 1.0)};
}

confusion_matrix::confusion_matrix(std::size_t labels) : counts_(labels * labels), no_face_(labels) {}

void confusion_matrix::add(std::size_t label, std::optional<std::size_t> predicted) {
  if (label >= labels() || predicted.value_or(0) >= labels()) throw std::out_of_range("no such label");
  if (predicted)
    ++counts_[label * labels() + *predicted];
  else
    ++no_face_[label];
}

std::size_t confusion_matrix::count(std::size_t label, std::size_t predicted) const {
  return counts_[label * labels() + predicted];
}

std::size_t confusion_matrix::no_face() const {
  return std::accumulate(no_face_.begin(), no_face_.end(), std::size_t{0});
}

std::size_t confusion_matrix::images(std::size_t label) const {
  std::size_t sum = no_face_[label];
  for (std::size_t predicted = 0; predicted < labels(); ++predicted) sum += count(label, predicted);
  return sum;
}

proportion confusion_matrix::accuracy() const {
  proportion all = accuracy_of_found();
  all.total += no_face();
  return all;
}

proportion confusion_matrix::accuracy_of_found() const {
  proportion found;
  for (std::size_t label = 0; label < labels(); ++label) {
    found.count += count(label, label);
    found.total += images(label) - no_face_[label];
  }
  return found;
}

proportion confusion_matrix::recall(std::size_t label) const {
  return {count(label, label), images(label)};
}

proportion confusion_matrix::precision(std::size_t label) const {
  proportion correct{count(label, label), 0};
  for (std::size_t truth = 0; truth < labels(); ++truth) correct.total += count(truth, label);
  return correct;
}

std::optional<double> confusion_matrix::f1(std::size_t label) const {
  if (images(label) == 0) return std::nullopt;
  return ratio(2 * count(label, label), images(label) + precision(label).total);
}

std::optional<double> confusion_matrix::macro_recall() const {
  return mean(*this, [this](std::size_t label) { return recall(label).value(); });
}

std::optional<double> confusion_matrix::macro_f1() const {
  return mean(*this, [this](std::size_t label) { return f1(label); });
}

}  // namespace emostream::evaluation
