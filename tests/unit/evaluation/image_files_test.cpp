#include "evaluation/image_files.hpp"

#include <gmock/gmock.h>

#include "temporary_folder.hpp"

namespace emostream::evaluation {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

class image_files_test : public testing::Test {
 protected:
  const temporary_folder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(image_files_test, lists_all_files_below_a_folder_but_hidden_ones) {
  const auto b = temporary_.write("b.jpg");
  const auto deep = temporary_.write("a/deep.png");
  temporary_.write(".hidden.jpg");
  temporary_.write(".hidden/too.jpg");
  EXPECT_THAT(files_below(folder_), ElementsAre(deep, b));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(files_below(folder_ / "empty"), IsEmpty());
}

TEST_F(image_files_test, reads_a_file) {
  EXPECT_THAT(read_image_file(temporary_.write("image", "abc")), Optional(ElementsAre('a', 'b', 'c')));
  EXPECT_THAT(read_image_file(temporary_.write("empty", "")), Optional(IsEmpty()));
}

TEST_F(image_files_test, does_not_read_folders_and_missing_files) {
  EXPECT_EQ(read_image_file(folder_ / "missing.jpg"), std::nullopt);
  EXPECT_EQ(read_image_file(folder_), std::nullopt);
}

TEST_F(image_files_test, reads_one_byte_more_than_the_limit_of_a_file_that_is_too_large) {
  const auto large = temporary_.write("large", "x");
  fs::resize_file(large, image_file_limits.max_bytes + 1000);
  EXPECT_EQ(read_image_file(large)->size(), image_file_limits.max_bytes + 1);
}

}  // namespace
}  // namespace emostream::evaluation
