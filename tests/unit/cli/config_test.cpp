#include "cli/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct settings {
  bool dev = false;
  std::string host = "127.0.0.1";
  std::int64_t port = 8000;
  double threshold = 0.5;
  std::vector<std::string> origins{"*"};
};

class config_test : public testing::Test {
 protected:
  config_test() {
    config_.bind("dev", values_.dev, "development mode");
    config_.bind("server.host", values_.host, "address");
    config_.bind("server.port", values_.port, 0, 65535, "port");
    config_.bind("server.origins", values_.origins, "allowed origins");
    config_.bind("vision.threshold", values_.threshold, 0.0, 1.0, "threshold");
  }

  [[nodiscard]] std::filesystem::path file(std::string_view text) const {
    return folder_.write("emostream.toml", text);
  }
  std::string error_of(const std::optional<std::filesystem::path>& file,
                       const std::vector<std::string>& environ) {
    try {
      config_.load(file, environ);
    } catch (const config_error& e) {
      return e.what();
    }
    return "no error";
  }

  settings values_;
  config config_;

 private:
  const temporary_folder folder_;
};

TEST_F(config_test, keeps_defaults_where_nobody_says_otherwise) {
  config_.load(std::nullopt, {"HOME=/", "PATH="});
  EXPECT_EQ(values_.port, 8000);
  EXPECT_EQ(values_.host, "127.0.0.1");
}

TEST_F(config_test, reads_the_file) {
  config_.load(
      file("dev = true\n[server]\nhost = '::'\nport = 9\norigins = ['a', 'b']\n[vision]\nthreshold = 1\n"),
      {});
  EXPECT_TRUE(values_.dev);
  EXPECT_EQ(values_.host, "::");
  EXPECT_EQ(values_.port, 9);
  EXPECT_THAT(values_.origins, ElementsAre("a", "b"));
  EXPECT_EQ(values_.threshold, 1.0);
}

TEST_F(config_test, lets_the_environment_win) {
  config_.load(file("server.port = 9"),
               {"EMOSTREAM_SERVER_PORT=10", "EMOSTREAM_DEV=1", "EMOSTREAM_VISION_THRESHOLD=0.25",
                "EMOSTREAM_SERVER_ORIGINS=a,,b", "EMOSTREAM_SERVER_HOST=x=y"});
  EXPECT_EQ(values_.port, 10);
  EXPECT_TRUE(values_.dev);
  EXPECT_EQ(values_.threshold, 0.25);
  EXPECT_THAT(values_.origins, ElementsAre("a", "b"));
  EXPECT_EQ(values_.host, "x=y");
}

TEST_F(config_test, names_an_unknown_key) {
  EXPECT_THAT(error_of(file("[server]\nprot = 1"), {}), HasSubstr("unknown key server.prot"));
  EXPECT_THAT(error_of(std::nullopt, {"EMOSTREAM_SERVER_PROT=1"}), HasSubstr("EMOSTREAM_SERVER_PROT"));
}

TEST_F(config_test, returns_variables_that_are_nobodys_key) {
  EXPECT_THAT(config_.load(std::nullopt, {"EMOSTREAM_SERVICE_HOST=10.0.0.1", "EMOSTREAM_DEV=1", "OTHER=1"}),
              ElementsAre("EMOSTREAM_SERVICE_HOST"));
}

TEST_F(config_test, names_a_wrong_value_and_what_would_do) {
  EXPECT_THAT(error_of(file("server.port = 65536"), {}),
              HasSubstr("server.port must be a whole number from 0 to 65535"));
  EXPECT_THAT(error_of(file("server.port = 'x'"), {}), HasSubstr("server.port must be"));
  EXPECT_THAT(error_of(file("server.host = 1"), {}), HasSubstr("server.host must be a string"));
  EXPECT_THAT(error_of(file("dev = 1"), {}), HasSubstr("dev must be true or false"));
  EXPECT_THAT(error_of(file("vision.threshold = nan"), {}), HasSubstr("a number from 0 to 1"));
  EXPECT_THAT(error_of(file("server.origins = [1]"), {}), HasSubstr("a list of strings"));
  EXPECT_THAT(error_of(file("server = 1"), {}), HasSubstr("server must be a table"));
  for (const char* bad : {"", "x", "8000x", "-1", "99999999999999999999", "1.5"})
    EXPECT_THAT(error_of(std::nullopt, {std::string("EMOSTREAM_SERVER_PORT=") + bad}),
                HasSubstr("environment variable EMOSTREAM_SERVER_PORT: server.port must be a whole number"))
        << bad;
}

TEST_F(config_test, names_the_line_of_a_syntax_error_and_a_missing_file) {
  EXPECT_THAT(error_of(file("dev = true\nserver.port ="), {}), HasSubstr(".toml:2: "));
  EXPECT_THAT(error_of("nowhere/at/all.toml", {}), HasSubstr("nowhere/at/all.toml"));
}

TEST_F(config_test, writes_a_file_that_it_reads_back) {
  values_ = {true, "a \"b\"", 7, 0.75, {"x", "y"}};
  const auto path = file(config_.to_toml());
  values_ = {};
  config_.load(path, {});
  EXPECT_TRUE(values_.dev);
  EXPECT_EQ(values_.host, "a \"b\"");
  EXPECT_EQ(values_.port, 7);
  EXPECT_EQ(values_.threshold, 0.75);
  EXPECT_THAT(values_.origins, ElementsAre("x", "y"));
}

}  // namespace
}  // namespace emostream::cli
