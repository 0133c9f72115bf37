#include "cli/image_files.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

namespace emostream::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class image_files_test : public testing::Test {
 protected:
  image_files_test() { fs::create_directories(folder_); }
  ~image_files_test() override { fs::remove_all(folder_); }

  fs::path put(const fs::path& file) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << "x";
    return folder_ / file;
  }

  fs::path folder_ = fs::path(testing::TempDir()) / "image_files_test";
};

TEST_F(image_files_test, AFolderStandsForItsFiles) {
  const auto b = put("in/b.jpg");
  const auto deep = put("in/a/deep.png");
  const auto other = put("other.jpg");
  put("in/.hidden.jpg");
  put("in/.hidden/too.jpg");
  EXPECT_THAT(image_files({other, folder_ / "in"}), ElementsAre(other, deep, b));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(image_files({folder_ / "empty"}), IsEmpty());
}

TEST_F(image_files_test, WhatIsNotThereIsLeftToWhoReads) {
  EXPECT_THAT(image_files({folder_ / "missing.jpg"}), ElementsAre(folder_ / "missing.jpg"));
}

TEST_F(image_files_test, MoreThanACommandLineHoldsIsAnError) {
  const std::vector<fs::path> many(2000, "a_name_of_some_length.jpg");
  EXPECT_THAT([&] { (void)image_files(many); },
              ThrowsMessage<std::runtime_error>(HasSubstr("name their folder instead")));
}

}  // namespace
}  // namespace emostream::cli
