#include "evaluation/confusion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace emostream::evaluation {

namespace {

double ratio(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Of what `score` gives for each label that has images.
template <class Score>
std::optional<double> mean(const confusion& of, Score score) {
  double sum = 0;
  int count = 0;
  for (std::size_t label = 0; label < of.labels(); ++label) {
    if (of.images(label) == 0) continue;
    sum += *score(label);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

}  // namespace

std::optional<double> share::value() const {
  if (whole == 0) return std::nullopt;
  return ratio(part, whole);
}

std::optional<interval> share::interval_95() const {
  if (whole == 0) return std::nullopt;
  constexpr double z = 1.959963984540054;  // 97.5 % of a normal distribution lie below
  const auto n = static_cast<double>(whole);
  const double p = ratio(part, whole);
  const double middle = p + z * z / (2 * n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double norm = 1 + z * z / n;
  // At both ends the bound is 0 or 1 exactly, but for rounding.
  return interval{std::clamp((middle - half) / norm, 0.0, p), std::clamp((middle + half) / norm, p, 1.0)};
}

confusion::confusion(std::size_t labels) : counts_(labels * labels), no_face_(labels) {}

void confusion::add(std::size_t label, std::optional<std::size_t> answer) {
  if (label >= labels() || answer.value_or(0) >= labels()) throw std::out_of_range("no such label");
  if (answer)
    ++counts_[label * labels() + *answer];
  else
    ++no_face_[label];
}

std::size_t confusion::count(std::size_t label, std::size_t answer) const {
  return counts_[label * labels() + answer];
}

std::size_t confusion::no_face() const {
  return std::accumulate(no_face_.begin(), no_face_.end(), std::size_t{0});
}

std::size_t confusion::images(std::size_t label) const {
  std::size_t sum = no_face_[label];
  for (std::size_t answer = 0; answer < labels(); ++answer) sum += count(label, answer);
  return sum;
}

share confusion::accuracy() const {
  share all = accuracy_of_found();
  all.whole += no_face();
  return all;
}

share confusion::accuracy_of_found() const {
  share found;
  for (std::size_t label = 0; label < labels(); ++label) {
    found.part += count(label, label);
    found.whole += images(label) - no_face_[label];
  }
  return found;
}

share confusion::recall(std::size_t label) const {
  return {count(label, label), images(label)};
}

share confusion::precision(std::size_t label) const {
  share right{count(label, label), 0};
  for (std::size_t truth = 0; truth < labels(); ++truth) right.whole += count(truth, label);
  return right;
}

std::optional<double> confusion::f1(std::size_t label) const {
  if (images(label) == 0) return std::nullopt;
  return ratio(2 * count(label, label), images(label) + precision(label).whole);
}

std::optional<double> confusion::macro_recall() const {
  return mean(*this, [this](std::size_t label) { return recall(label).value(); });
}

std::optional<double> confusion::macro_f1() const {
  return mean(*this, [this](std::size_t label) { return f1(label); });
}

}  // namespace emostream::evaluation
