#include "cli/settings.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::cli {
namespace {

/// Sets an environment variable for its lifetime.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~variable() { ::unsetenv(name_); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
};

TEST(settings, read_the_secret_from_the_environment) {
  const variable secret("EMOSTREAM_JWT_SECRET", "0123456789abcdef0123456789abcdef");
  settings s;
  s.load(std::nullopt);
  EXPECT_EQ(s.token.secret, "0123456789abcdef0123456789abcdef");
}

TEST(settings, reject_an_unknown_log_level) {
  const variable level("EMOSTREAM_LOG_LEVEL", "loud");
  settings s;
  EXPECT_THROW(s.load(std::nullopt), config_error);
}

TEST(settings, reject_a_misspelt_variable) {
  const variable misspelt("EMOSTREAM_SERVER_PROT", "1");
  settings s;
  EXPECT_THROW(s.load(std::nullopt), config_error);
}

TEST(settings, reject_a_frame_size_that_exceeds_the_message_size) {
  const variable frames("EMOSTREAM_FRAMES_MAX_BYTES", "5000000");
  settings s;
  try {
    s.load(std::nullopt);
    FAIL() << "accepted frames that are larger than messages";
  } catch (const config_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("server.max_payload_bytes"));
  }
}

TEST(settings, reject_images_that_exceed_what_all_requests_may_buffer) {
  for (const auto* limit : {"EMOSTREAM_FRAMES_MAX_BYTES_IN_FLIGHT", "EMOSTREAM_SERVER_MAX_BUFFERED_BYTES"}) {
    const variable less(limit, "20000000");
    settings s;
    EXPECT_THAT([&s] { s.load(std::nullopt); },
                testing::ThrowsMessage<config_error>(testing::HasSubstr("http.max_image_bytes")));
  }
}

TEST(settings, are_written_as_a_file_that_loads_to_the_same_values) {
  settings s;
  s.server.net.port = 1234;
  s.server.net.cors_origins = {"https://a.example", "null"};
  s.service.max_fps = 12.5;
  s.log.json = true;
  const temporary_folder folder;
  const auto printed = s.table().to_toml();
  settings read;
  read.load(folder.write("settings.toml", printed));
  EXPECT_EQ(read.table().to_toml(), printed);
}

TEST(settings, derive_options_from_others) {
  const variable bytes("EMOSTREAM_ACCOUNT_BYTES_PER_SECOND", "1000");
  const variable width("EMOSTREAM_FRAMES_MAX_WIDTH", "1000");
  settings s;
  s.load(std::nullopt);
  EXPECT_EQ(s.service.account.burst_bytes, 25'000'000) << "at least one image of the maximum size";
  EXPECT_EQ(s.server.socketio.max_attachment_bytes, 2'000'000U);
  EXPECT_EQ(s.service.image.max_pixels, 1'080'000);
}

TEST(settings, limit_images_of_http_requests_apart_from_frames) {
  const variable bytes("EMOSTREAM_HTTP_MAX_IMAGE_BYTES", "30000000");
  const variable pixels("EMOSTREAM_HTTP_MAX_PIXELS", "60000000");
  settings s;
  s.load(std::nullopt);
  EXPECT_EQ(s.service.http_image.max_bytes, 30'000'000U);
  EXPECT_EQ(s.service.http_image.max_pixels, 60'000'000);
  EXPECT_EQ(s.service.image.max_bytes, 1'000'000U);
  EXPECT_EQ(s.service.image.max_pixels, 1920 * 1080);
}

TEST(settings, are_documented_with_their_defaults) {
  std::ostringstream document;
  document << std::ifstream("docs/settings.md").rdbuf();  // tests run in the root of the source tree
  EXPECT_EQ(settings_reference(), document.str())
      << "docs/settings.md is outdated: write it with `emostream config --markdown`";
}

}  // namespace
}  // namespace emostream::cli
