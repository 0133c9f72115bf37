#include "evaluation/labelled_images.hpp"

#include <algorithm>
#include <stdexcept>

#include <gmock/gmock.h>

#include "temporary_folder.hpp"

namespace emostream::evaluation {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::ThrowsMessage;

const std::vector<std::string> labels{"neutral", "happiness", "sadness"};

class labelled_images_test : public testing::Test {
 protected:
  void put(const fs::path& file) const { temporary_.write(file); }

  /// What is found: path within the folder, label.
  [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> found() const {
    std::vector<std::pair<std::string, std::size_t>> images;
    for (const auto& [file, label] : list_labelled(folder_, labels).images)
      images.emplace_back(file.lexically_relative(folder_).string(), label);
    return images;
  }

  const temporary_folder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(labelled_images_test, a_folder_is_a_label) {
  put("sadness/b.png");
  put("neutral/a.jpg");
  put("sadness/a.webp");
  put("happiness/c.jpg");
  EXPECT_THAT(found(), ElementsAre(Pair("happiness/c.jpg", 1), Pair("neutral/a.jpg", 0),
                                   Pair("sadness/a.webp", 2), Pair("sadness/b.png", 2)));
}

TEST_F(labelled_images_test, several_folders_may_be_one_label_and_a_label_may_have_none) {
  put("Sad/1.png");
  put("sadness/1.png");
  fs::create_directories(folder_ / "happy");
  EXPECT_THAT(found(), ElementsAre(Pair("Sad/1.png", 2), Pair("sadness/1.png", 2)));
}

TEST_F(labelled_images_test, folders_within_count_and_hidden_files_do_not) {
  put("sad/ann/1.png");
  put("sad/bob/deeper/2.png");
  put("sad/.cache/3.png");
  put("sad/.DS_Store");
  put(".git/4.png");
  EXPECT_THAT(found(), ElementsAre(Pair("sad/ann/1.png", 2), Pair("sad/bob/deeper/2.png", 2)));
}

TEST_F(labelled_images_test, files_of_no_label_are_counted) {
  put("sad/1.png");
  put("README");
  put("labels.csv");
  put(".hidden");
  EXPECT_EQ(list_labelled(folder_, labels).unlabelled, 2U);
}

TEST_F(labelled_images_test, an_unknown_folder_is_an_error_that_names_the_labels) {
  put("sad/1.png");
  put("joyless/1.png");
  put("bored/1.png");
  EXPECT_THAT([&] { (void)list_labelled(folder_, labels); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("bored, joyless"), Not(HasSubstr("sad,")),
                                                      HasSubstr("neutral, happiness, sadness"))));
}

TEST_F(labelled_images_test, nothing_to_score_is_an_error) {
  const auto nothing = ThrowsMessage<std::runtime_error>(
      AllOf(HasSubstr(folder_.string() + " has no images"), HasSubstr("neutral, happiness, sadness")));
  EXPECT_THAT([&] { (void)list_labelled(folder_, labels); }, nothing);
  put("photo.jpg");
  fs::create_directories(folder_ / "happy");
  EXPECT_THAT([&] { (void)list_labelled(folder_, labels); }, nothing);
}

TEST_F(labelled_images_test, a_folder_that_is_not_there_is_an_error) {
  EXPECT_THAT([&] { (void)list_labelled(folder_ / "nowhere", labels); },
              ThrowsMessage<std::runtime_error>(HasSubstr("nowhere")));
}

}  // namespace
}  // namespace emostream::evaluation
