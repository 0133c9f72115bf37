#include "evaluation/confusion_matrix.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>

namespace emostream::evaluation {
namespace {

constexpr std::optional<std::size_t> no_face;

void add(confusion_matrix& to, std::size_t label, std::optional<std::size_t> predicted, int times) {
  for (int i = 0; i < times; ++i) to.add(label, predicted);
}

/// Three labels; the last has no images but is predicted once.
confusion_matrix example() {
  confusion_matrix c(3);
  add(c, 0, 0, 6);
  add(c, 0, 1, 1);
  add(c, 0, 2, 1);
  add(c, 0, no_face, 2);
  add(c, 1, 1, 3);
  add(c, 1, 0, 2);
  return c;
}

TEST(confusion_matrix_test, counts_images_by_label_and_prediction) {
  const auto c = example();
  EXPECT_EQ(c.labels(), 3U);
  EXPECT_EQ(c.count(0, 0), 6U);
  EXPECT_EQ(c.count(0, 1), 1U);
  EXPECT_EQ(c.count(1, 0), 2U);
  EXPECT_EQ(c.count(2, 2), 0U);
  EXPECT_EQ(c.no_face(0), 2U);
  EXPECT_EQ(c.no_face(1), 0U);
  EXPECT_EQ(c.no_face(), 2U);
  EXPECT_EQ(c.images(0), 10U);
  EXPECT_EQ(c.images(1), 5U);
  EXPECT_EQ(c.images(2), 0U);
}

TEST(confusion_matrix_test, counts_an_image_without_a_face_as_wrong) {
  const auto c = example();
  EXPECT_EQ(c.accuracy().count, 9U);
  EXPECT_EQ(c.accuracy().total, 15U);
  EXPECT_EQ(c.accuracy_of_found().count, 9U);
  EXPECT_EQ(c.accuracy_of_found().total, 13U);
  EXPECT_DOUBLE_EQ(*c.recall(0).value(), 0.6);
}

TEST(confusion_matrix_test, has_recall_precision_and_f1_of_each_label) {
  const auto c = example();
  EXPECT_DOUBLE_EQ(*c.recall(1).value(), 0.6);
  EXPECT_DOUBLE_EQ(*c.precision(0).value(), 6.0 / 8);
  EXPECT_DOUBLE_EQ(*c.precision(1).value(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(*c.f1(0), 2 * 0.6 * 0.75 / (0.6 + 0.75));
  EXPECT_DOUBLE_EQ(*c.f1(1), 2 * 0.6 * 0.75 / (0.6 + 0.75));
}

TEST(confusion_matrix_test, excludes_a_label_without_images_from_recall_and_means) {
  const auto c = example();
  EXPECT_FALSE(c.recall(2).value());
  EXPECT_FALSE(c.f1(2));
  EXPECT_EQ(c.precision(2).value(), 0.0);
  EXPECT_DOUBLE_EQ(*c.macro_recall(), 0.6);
  EXPECT_DOUBLE_EQ(*c.macro_f1(), 2 * 0.6 * 0.75 / (0.6 + 0.75));
}

TEST(confusion_matrix_test, has_an_f1_but_no_precision_for_a_label_that_is_never_predicted) {
  confusion_matrix c(2);
  add(c, 0, 0, 4);
  add(c, 1, 0, 4);
  EXPECT_FALSE(c.precision(1).value());
  EXPECT_EQ(c.f1(1), 0.0);
  EXPECT_DOUBLE_EQ(*c.macro_recall(), 0.5);
  EXPECT_DOUBLE_EQ(*c.macro_f1(), 2.0 * 4 / (4 + 8) / 2);
}

TEST(confusion_matrix_test, has_no_scores_without_images) {
  const confusion_matrix c(2);
  EXPECT_FALSE(c.accuracy().value());
  EXPECT_FALSE(c.accuracy().interval_95());
  EXPECT_FALSE(c.macro_recall());
  EXPECT_FALSE(c.macro_f1());
}

TEST(confusion_matrix_test, has_accuracy_zero_if_no_face_was_found) {
  confusion_matrix c(2);
  add(c, 1, no_face, 3);
  EXPECT_EQ(c.accuracy().value(), 0.0);
  EXPECT_FALSE(c.accuracy_of_found().value());
  EXPECT_EQ(c.macro_recall(), 0.0);
  EXPECT_EQ(c.macro_f1(), 0.0);
}

TEST(confusion_matrix_test, throws_on_labels_out_of_range) {
  confusion_matrix c(2);
  EXPECT_THROW(c.add(2, 0), std::out_of_range);
  EXPECT_THROW(c.add(0, 2), std::out_of_range);
  EXPECT_THROW(c.add(2, no_face), std::out_of_range);
}

/// The expected values are the roots p of (p - count / total)² = z² p (1 - p) / total.
TEST(proportion_test, has_wilsons_score_interval) {
  const auto many = proportion{2934, 3553}.interval_95();
  EXPECT_NEAR(many->low, 0.812959, 1e-6);
  EXPECT_NEAR(many->high, 0.837899, 1e-6);
  const auto few = proportion{3, 10}.interval_95();
  EXPECT_NEAR(few->low, 0.107791, 1e-6);
  EXPECT_NEAR(few->high, 0.603222, 1e-6);
}

TEST(proportion_test, keeps_the_interval_within_zero_and_one) {
  const auto none = proportion{0, 20}.interval_95();
  EXPECT_EQ(none->low, 0);
  EXPECT_NEAR(none->high, 0.161125, 1e-6);
  const auto all = proportion{20, 20}.interval_95();
  EXPECT_NEAR(all->low, 0.838875, 1e-6);
  EXPECT_EQ(all->high, 1);
}

}  // namespace
}  // namespace emostream::evaluation
