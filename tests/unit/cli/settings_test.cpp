#include "cli/settings.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::cli {
namespace {

/// An environment variable for the time of a test.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~variable() { ::unsetenv(name_); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
};

TEST(settings, take_the_secret_from_the_environment) {
  const variable secret("EMOSTREAM_JWT_SECRET", "0123456789abcdef0123456789abcdef");
  settings s;
  s.load(std::nullopt);
  EXPECT_EQ(s.jwt.secret, "0123456789abcdef0123456789abcdef");
}

TEST(settings, refuse_an_unknown_log_level) {
  const variable level("EMOSTREAM_LOG_LEVEL", "loud");
  settings s;
  EXPECT_THROW(s.load(std::nullopt), config_error);
}

TEST(settings, refuse_a_misspelt_variable) {
  const variable misspelt("EMOSTREAM_SERVER_PROT", "1");
  settings s;
  EXPECT_THROW(s.load(std::nullopt), config_error);
}

TEST(settings, refuse_frames_that_no_message_could_carry) {
  const variable frames("EMOSTREAM_FRAMES_MAX_BYTES", "5000000");
  settings s;
  try {
    s.load(std::nullopt);
    FAIL() << "took frames larger than messages";
  } catch (const config_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("server.max_payload_bytes"));
  }
}

TEST(settings, print_as_a_file_that_loads_to_the_same) {
  settings s;
  s.server.port = 1234;
  s.server.cors_origins = {"https://a.example", "null"};
  s.frames.rate = 12.5;
  s.log.json = true;
  const temporary_folder folder;
  const auto printed = s.to_toml();
  settings read;
  read.load(folder.write("settings.toml", printed));
  EXPECT_EQ(read.to_toml(), printed);
}

}  // namespace
}  // namespace emostream::cli
