#include "cli/image_arguments.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "temporary_folder.hpp"

namespace emostream::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class image_arguments_test : public testing::Test {
 protected:
  fs::path put(const fs::path& file) const { return temporary_.write(file); }

  const temporary_folder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(image_arguments_test, replaces_a_folder_by_its_files) {
  const auto b = put("in/b.jpg");
  const auto deep = put("in/a/deep.png");
  const auto other = put("other.jpg");
  put("in/.hidden.jpg");
  put("in/.hidden/too.jpg");
  EXPECT_THAT(image_arguments({other, folder_ / "in"}), ElementsAre(other, deep, b));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(image_arguments({folder_ / "empty"}), IsEmpty());
}

TEST_F(image_arguments_test, keeps_the_path_of_a_missing_file) {
  EXPECT_THAT(image_arguments({folder_ / "missing.jpg"}), ElementsAre(folder_ / "missing.jpg"));
}

TEST_F(image_arguments_test, rejects_a_command_line_that_is_too_long) {
  const std::vector<fs::path> many(2000, "a_name_of_some_length.jpg");
  EXPECT_THAT([&] { (void)image_arguments(many); },
              ThrowsMessage<std::runtime_error>(HasSubstr("name their folder instead")));
}

}  // namespace
}  // namespace emostream::cli
