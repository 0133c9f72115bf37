#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace emostream::evaluation {

struct interval {
  double low = 0;
  double high = 0;
};

/// A part of a whole: right answers among faces.
struct share {
  std::size_t part = 0;
  std::size_t whole = 0;

  /// 0..1; none of nothing.
  [[nodiscard]] std::optional<double> value() const;

  /// Where the true value lies with a probability of 95 %, if the whole was drawn by chance: Wilson's score
  /// interval, which also holds near 0 and 1 and for few. None of nothing.
  [[nodiscard]] std::optional<interval> interval_95() const;
};

/// What was answered to images whose label is known. An image in which no face was found has no answer: that
/// is wrong as well, but no answer's fault. Labels are numbers from 0.
class confusion {
 public:
  explicit confusion(std::size_t labels);

  /// One more image of `label`; no answer if no face was found.
  void add(std::size_t label, std::optional<std::size_t> answer);

  [[nodiscard]] std::size_t labels() const { return no_face_.size(); }
  /// Images of `label` that were held for `answer`.
  [[nodiscard]] std::size_t count(std::size_t label, std::size_t answer) const;
  /// Images of `label` without a face.
  [[nodiscard]] std::size_t no_face(std::size_t label) const { return no_face_[label]; }
  [[nodiscard]] std::size_t no_face() const;
  /// Images of `label`, with a face or without.
  [[nodiscard]] std::size_t images(std::size_t label) const;

  /// Right answers among all images.
  [[nodiscard]] share accuracy() const;
  /// Right answers among those images in which a face was found.
  [[nodiscard]] share accuracy_of_found() const;
  /// Right answers among the images of `label`, with a face or without.
  [[nodiscard]] share recall(std::size_t label) const;
  /// Images of `label` among those held for it.
  [[nodiscard]] share precision(std::size_t label) const;
  /// The harmonic mean of both, which is 2·right / (images + answers); none of a label without images.
  [[nodiscard]] std::optional<double> f1(std::size_t label) const;
  /// The means over the labels that have images; none if there are none.
  [[nodiscard]] std::optional<double> macro_recall() const;
  [[nodiscard]] std::optional<double> macro_f1() const;

 private:
  std::vector<std::size_t> counts_;  ///< [label, answer]
  std::vector<std::size_t> no_face_;
};

}  // namespace emostream::evaluation
