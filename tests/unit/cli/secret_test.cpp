#include "cli/secret.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::cli {
namespace {

namespace fs = std::filesystem;

class secret_test : public testing::Test {
 protected:
  const temporary_folder temporary_;
  const fs::path folder_ = temporary_.path() / "state";
};

TEST_F(secret_test, is_created_once_and_kept) {
  const auto first = development_secret(folder_);
  EXPECT_GE(first.size(), 32U);
  EXPECT_EQ(development_secret(folder_), first);
}

TEST_F(secret_test, differs_between_folders) {
  EXPECT_NE(development_secret(folder_), development_secret(folder_ / "other"));
}

TEST_F(secret_test, is_readable_by_its_owner_only) {
  development_secret(folder_);
  EXPECT_EQ(fs::status(folder_ / "jwt_secret").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(secret_test, names_the_file_if_it_is_empty) {
  temporary_.write("state/jwt_secret", "");
  try {
    development_secret(folder_);
    FAIL() << "accepted an empty file as a secret";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("jwt_secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace emostream::cli
