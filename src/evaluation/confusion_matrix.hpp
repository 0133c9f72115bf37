#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace emostream::evaluation {

struct interval {
  double low = 0;
  double high = 0;
};

/// `count` of `total`, such as the correct predictions among all.
struct proportion {
  std::size_t count = 0;
  std::size_t total = 0;

  /// 0..1; std::nullopt if the total is 0.
  [[nodiscard]] std::optional<double> value() const;

  /// The 95 % confidence interval of the true proportion for a random sample: Wilson's score interval, which
  /// also holds near 0 and 1 and for small samples. std::nullopt if the total is 0.
  [[nodiscard]] std::optional<interval> interval_95() const;
};

/// Counts images by label and predicted label. An image in which no face was found has no prediction: it
/// counts as wrong in the accuracy and recall, but in no label's precision. Labels are numbers from 0.
class confusion_matrix {
 public:
  explicit confusion_matrix(std::size_t labels);

  /// Counts an image; `predicted` is std::nullopt if no face was found. Throws std::out_of_range if there is
  /// no such label.
  void add(std::size_t label, std::optional<std::size_t> predicted);

  [[nodiscard]] std::size_t labels() const { return no_face_.size(); }
  /// Images of `label` that were classified as `predicted`.
  [[nodiscard]] std::size_t count(std::size_t label, std::size_t predicted) const;
  /// Images of `label` in which no face was found.
  [[nodiscard]] std::size_t no_face(std::size_t label) const { return no_face_[label]; }
  [[nodiscard]] std::size_t no_face() const;
  /// All images of `label`.
  [[nodiscard]] std::size_t images(std::size_t label) const;

  /// Correct predictions among all images.
  [[nodiscard]] proportion accuracy() const;
  /// Correct predictions among the images in which a face was found.
  [[nodiscard]] proportion accuracy_of_found() const;
  /// Correct predictions among all images of `label`.
  [[nodiscard]] proportion recall(std::size_t label) const;
  /// Correct predictions among the images that were classified as `label`.
  [[nodiscard]] proportion precision(std::size_t label) const;
  /// The harmonic mean of precision and recall, 2·correct / (images + predictions); std::nullopt for a label
  /// without images.
  [[nodiscard]] std::optional<double> f1(std::size_t label) const;
  /// The means over the labels that have images; std::nullopt if there are none.
  [[nodiscard]] std::optional<double> macro_recall() const;
  [[nodiscard]] std::optional<double> macro_f1() const;

 private:
  std::vector<std::size_t> counts_;  ///< [label, predicted]
  std::vector<std::size_t> no_face_;
};

}  // namespace emostream::evaluation
