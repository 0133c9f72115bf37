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

  /// The paths, relative to the folder, and labels of the images that are found.
  [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> found() const {
    std::vector<std::pair<std::string, std::size_t>> images;
    for (const auto& [file, label] : list_labelled(folder_, labels).images)
      images.emplace_back(file.lexically_relative(folder_).string(), label);
    return images;
  }

  const temporary_folder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(labelled_images_test, takes_the_label_from_the_name_of_the_folder) {
  put("sadness/b.png");
  put("neutral/a.jpg");
  put("sadness/a.webp");
  put("happiness/c.jpg");
  EXPECT_THAT(found(), ElementsAre(Pair("happiness/c.jpg", 1), Pair("neutral/a.jpg", 0),
                                   Pair("sadness/a.webp", 2), Pair("sadness/b.png", 2)));
}

TEST_F(labelled_images_test, allows_several_folders_or_none_for_a_label) {
  put("Sad/1.png");
  put("sadness/1.png");
  fs::create_directories(folder_ / "happy");
  EXPECT_THAT(found(), ElementsAre(Pair("Sad/1.png", 2), Pair("sadness/1.png", 2)));
}

TEST_F(labelled_images_test, includes_deeper_folders_but_no_hidden_files) {
  put("sad/ann/1.png");
  put("sad/bob/deeper/2.png");
  put("sad/.cache/3.png");
  put("sad/.DS_Store");
  put(".git/4.png");
  EXPECT_THAT(found(), ElementsAre(Pair("sad/ann/1.png", 2), Pair("sad/bob/deeper/2.png", 2)));
}

TEST_F(labelled_images_test, counts_files_without_a_label) {
  put("sad/1.png");
  put("README");
  put("labels.csv");
  put(".hidden");
  EXPECT_EQ(list_labelled(folder_, labels).unlabelled, 2U);
}

TEST_F(labelled_images_test, rejects_a_folder_that_is_not_a_label_and_names_the_labels) {
  put("sad/1.png");
  put("joyless/1.png");
  put("bored/1.png");
  EXPECT_THAT([&] { (void)list_labelled(folder_, labels); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("bored, joyless"), Not(HasSubstr("sad,")),
                                                      HasSubstr("neutral, happiness, sadness"))));
}

TEST_F(labelled_images_test, rejects_a_folder_without_images) {
  const auto throws_no_images = ThrowsMessage<std::runtime_error>(
      AllOf(HasSubstr(folder_.string() + " has no images"), HasSubstr("neutral, happiness, sadness")));
  EXPECT_THAT([&] { (void)list_labelled(folder_, labels); }, throws_no_images);
  put("photo.jpg");
  fs::create_directories(folder_ / "happy");
  EXPECT_THAT([&] { (void)list_labelled(folder_, labels); }, throws_no_images);
}

TEST_F(labelled_images_test, rejects_a_missing_folder) {
  EXPECT_THAT([&] { (void)list_labelled(folder_ / "nowhere", labels); },
              ThrowsMessage<std::runtime_error>(HasSubstr("nowhere")));
}

}  // namespace
}  // namespace emostream::evaluation
