#include "evaluation/confusion.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>

namespace emostream::evaluation {
namespace {

constexpr std::optional<std::size_t> no_face;

void add(confusion& to, std::size_t label, std::optional<std::size_t> answer, int times) {
  for (int i = 0; i < times; ++i) to.add(label, answer);
}

/// Three labels; of the last there are no images, though some are held for it.
confusion example() {
  confusion c(3);
  add(c, 0, 0, 6);
  add(c, 0, 1, 1);
  add(c, 0, 2, 1);
  add(c, 0, no_face, 2);
  add(c, 1, 1, 3);
  add(c, 1, 0, 2);
  return c;
}

TEST(confusion_test, counts_by_label_and_answer) {
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

TEST(confusion_test, a_face_not_found_is_wrong) {
  const auto c = example();
  EXPECT_EQ(c.accuracy().part, 9U);
  EXPECT_EQ(c.accuracy().whole, 15U);
  EXPECT_EQ(c.accuracy_of_found().part, 9U);
  EXPECT_EQ(c.accuracy_of_found().whole, 13U);
  EXPECT_DOUBLE_EQ(*c.recall(0).value(), 0.6);
}

TEST(confusion_test, scores_of_labels) {
  const auto c = example();
  EXPECT_DOUBLE_EQ(*c.recall(1).value(), 0.6);
  EXPECT_DOUBLE_EQ(*c.precision(0).value(), 6.0 / 8);
  EXPECT_DOUBLE_EQ(*c.precision(1).value(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(*c.f1(0), 2 * 0.6 * 0.75 / (0.6 + 0.75));
  EXPECT_DOUBLE_EQ(*c.f1(1), 2 * 0.6 * 0.75 / (0.6 + 0.75));
}

TEST(confusion_test, a_label_without_images_has_no_recall_and_is_in_no_mean) {
  const auto c = example();
  EXPECT_FALSE(c.recall(2).value());
  EXPECT_FALSE(c.f1(2));
  EXPECT_EQ(c.precision(2).value(), 0.0);
  EXPECT_DOUBLE_EQ(*c.macro_recall(), 0.6);
  EXPECT_DOUBLE_EQ(*c.macro_f1(), 2 * 0.6 * 0.75 / (0.6 + 0.75));
}

TEST(confusion_test, a_label_never_answered_has_no_precision_but_a_score) {
  confusion c(2);
  add(c, 0, 0, 4);
  add(c, 1, 0, 4);
  EXPECT_FALSE(c.precision(1).value());
  EXPECT_EQ(c.f1(1), 0.0);
  EXPECT_DOUBLE_EQ(*c.macro_recall(), 0.5);
  EXPECT_DOUBLE_EQ(*c.macro_f1(), 2.0 * 4 / (4 + 8) / 2);
}

TEST(confusion_test, nothing_has_no_score) {
  const confusion c(2);
  EXPECT_FALSE(c.accuracy().value());
  EXPECT_FALSE(c.accuracy().interval_95());
  EXPECT_FALSE(c.macro_recall());
  EXPECT_FALSE(c.macro_f1());
}

TEST(confusion_test, no_face_at_all_is_an_accuracy_of_zero) {
  confusion c(2);
  add(c, 1, no_face, 3);
  EXPECT_EQ(c.accuracy().value(), 0.0);
  EXPECT_FALSE(c.accuracy_of_found().value());
  EXPECT_EQ(c.macro_recall(), 0.0);
  EXPECT_EQ(c.macro_f1(), 0.0);
}

TEST(confusion_test, labels_out_of_range_are_a_bug) {
  confusion c(2);
  EXPECT_THROW(c.add(2, 0), std::out_of_range);
  EXPECT_THROW(c.add(0, 2), std::out_of_range);
  EXPECT_THROW(c.add(2, no_face), std::out_of_range);
}

/// The expected are the roots p of (p - part / whole)² = z² p (1 - p) / whole.
TEST(share_test, wilsons_interval) {
  const auto many = share{2934, 3553}.interval_95();
  EXPECT_NEAR(many->low, 0.812959, 1e-6);
  EXPECT_NEAR(many->high, 0.837899, 1e-6);
  const auto few = share{3, 10}.interval_95();
  EXPECT_NEAR(few->low, 0.107791, 1e-6);
  EXPECT_NEAR(few->high, 0.603222, 1e-6);
}

TEST(share_test, bounds_stay_within_zero_and_one) {
  const auto none = share{0, 20}.interval_95();
  EXPECT_EQ(none->low, 0);
  EXPECT_NEAR(none->high, 0.161125, 1e-6);
  const auto all = share{20, 20}.interval_95();
  EXPECT_NEAR(all->low, 0.838875, 1e-6);
  EXPECT_EQ(all->high, 1);
}

}  // namespace
}  // namespace emostream::evaluation
