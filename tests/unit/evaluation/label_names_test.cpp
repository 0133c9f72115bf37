#include "evaluation/label_names.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace emostream::evaluation {
namespace {

const std::vector<std::string> ferplus{"neutral", "happiness", "surprise", "sadness",
                                       "anger",   "disgust",   "fear",     "contempt"};

TEST(label_names_test, matches_the_name_of_a_label_regardless_of_case) {
  for (std::size_t i = 0; i < ferplus.size(); ++i) EXPECT_EQ(find_label(ferplus[i], ferplus), i);
  EXPECT_EQ(find_label("NEUTRAL", ferplus), 0U);
  EXPECT_EQ(find_label("Contempt", ferplus), 7U);
}

TEST(label_names_test, matches_synonyms) {
  for (const auto& [name, label] : std::vector<std::pair<std::string, std::size_t>>{{"happy", 1},
                                                                                    {"Joy", 1},
                                                                                    {"surprised", 2},
                                                                                    {"sad", 3},
                                                                                    {"Angry", 4},
                                                                                    {"disgusted", 5},
                                                                                    {"fearful", 6},
                                                                                    {"AFRAID", 6},
                                                                                    {"contemptuous", 7}})
    EXPECT_EQ(find_label(name, ferplus), label) << name;
}

TEST(label_names_test, ignores_ascii_characters_that_are_not_letters) {
  EXPECT_EQ(find_label("1_Happy", ferplus), 1U);
  EXPECT_EQ(find_label("03 - sad", ferplus), 3U);
  EXPECT_EQ(find_label("anger.", ferplus), 4U);
}

TEST(label_names_test, matches_names_to_labels_that_are_synonyms) {
  const std::vector<std::string> other{"Happy", "Sad", "Very Angry"};
  EXPECT_EQ(find_label("happiness", other), 0U);
  EXPECT_EQ(find_label("sadness", other), 1U);
  EXPECT_EQ(find_label("very_angry", other), 2U);
  EXPECT_FALSE(find_label("angry", other));
}

TEST(label_names_test, does_not_match_other_names) {
  for (const auto* name :
       {"", "7", "_", "unknown", "happ", "unhappy", "not-a-face", "trauer", "überraschung"})
    EXPECT_FALSE(find_label(name, ferplus)) << name;
}

TEST(label_names_test, requires_the_exact_name_of_labels_that_differ_in_digits_only) {
  const std::vector<std::string> numbered{"class1", "class2"};
  EXPECT_EQ(find_label("Class2", numbered), 1U);
  EXPECT_FALSE(find_label("class", numbered));
  EXPECT_FALSE(find_label("class 1", numbered));
}

TEST(label_names_test, prefers_the_exact_name_to_a_synonym) {
  const std::vector<std::string> both{"happiness", "joy"};
  EXPECT_EQ(find_label("joy", both), 1U);
  EXPECT_EQ(find_label("happiness", both), 0U);
  EXPECT_FALSE(find_label("happy", both));
}

}  // namespace
}  // namespace emostream::evaluation
