#include "cli/settings_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace emostream::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct options {
  bool dev = false;
  std::string host = "127.0.0.1";
  std::int64_t port = 8000;
  double threshold = 0.5;
  std::vector<std::string> origins{"*"};
};

class settings_table_test : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file(std::string_view text) const {
    return folder_.write("emostream.toml", text);
  }
  std::string error_of(const std::optional<std::filesystem::path>& file,
                       const std::vector<std::string>& environ) {
    try {
      (void)table_.load(file, environ);
    } catch (const config_error& e) {
      return e.what();
    }
    return "no error";
  }

  options values_;
  const settings_table table_{{
      {"dev", values_.dev, "Development mode."},
      {"server.host", values_.host, "Address."},
      {"server.port", values_.port, 0, 65535, "Port."},
      {"server.origins", values_.origins, "Allowed origins."},
      {"vision.threshold", values_.threshold, 0.0, 1.0, "Threshold."},
  }};

 private:
  const temporary_folder folder_;
};

TEST_F(settings_table_test, keeps_the_defaults_of_settings_that_are_not_mentioned) {
  (void)table_.load(std::nullopt, {"HOME=/", "PATH="});
  EXPECT_EQ(values_.port, 8000);
  EXPECT_EQ(values_.host, "127.0.0.1");
}

TEST_F(settings_table_test, reads_the_file) {
  (void)table_.load(
      file("dev = true\n[server]\nhost = '::'\nport = 9\norigins = ['a', 'b']\n[vision]\nthreshold = 1\n"),
      {});
  EXPECT_TRUE(values_.dev);
  EXPECT_EQ(values_.host, "::");
  EXPECT_EQ(values_.port, 9);
  EXPECT_THAT(values_.origins, ElementsAre("a", "b"));
  EXPECT_EQ(values_.threshold, 1.0);
}

TEST_F(settings_table_test, gives_precedence_to_the_environment) {
  (void)table_.load(file("server.port = 9"),
                    {"EMOSTREAM_SERVER_PORT=10", "EMOSTREAM_DEV=1", "EMOSTREAM_VISION_THRESHOLD=0.25",
                     "EMOSTREAM_SERVER_ORIGINS=a,,b", "EMOSTREAM_SERVER_HOST=x=y"});
  EXPECT_EQ(values_.port, 10);
  EXPECT_TRUE(values_.dev);
  EXPECT_EQ(values_.threshold, 0.25);
  EXPECT_THAT(values_.origins, ElementsAre("a", "b"));
  EXPECT_EQ(values_.host, "x=y");
}

TEST_F(settings_table_test, names_an_unknown_key_or_variable) {
  EXPECT_THAT(error_of(file("[server]\nprot = 1"), {}), HasSubstr("unknown key server.prot"));
  EXPECT_THAT(error_of(std::nullopt, {"EMOSTREAM_SERVER_PROT=1"}), HasSubstr("EMOSTREAM_SERVER_PROT"));
}

TEST_F(settings_table_test, returns_variables_that_belong_to_no_table) {
  EXPECT_THAT(table_.load(std::nullopt, {"EMOSTREAM_SERVICE_HOST=10.0.0.1", "EMOSTREAM_DEV=1", "OTHER=1"}),
              ElementsAre("EMOSTREAM_SERVICE_HOST"));
}

TEST_F(settings_table_test, names_the_key_of_a_wrong_value_and_the_accepted_values) {
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

TEST_F(settings_table_test, names_the_line_of_a_syntax_error_and_a_missing_file) {
  EXPECT_THAT(error_of(file("dev = true\nserver.port ="), {}), HasSubstr(".toml:2: "));
  EXPECT_THAT(error_of("nowhere/at/all.toml", {}), HasSubstr("nowhere/at/all.toml"));
}

TEST_F(settings_table_test, writes_markdown_with_a_section_for_each_table) {
  EXPECT_EQ(table_.to_markdown(),
            "## general\n\n| key | values | default | meaning |\n|---|---|---|---|\n"
            "| `dev` | true or false | `false` | Development mode. |\n"
            "\n## server\n\n| key | values | default | meaning |\n|---|---|---|---|\n"
            "| `host` | a string | `'127.0.0.1'` | Address. |\n"
            "| `port` | 0 to 65535 | `8000` | Port. |\n"
            "| `origins` | a list of strings | `[ '*' ]` | Allowed origins. |\n"
            "\n## vision\n\n| key | values | default | meaning |\n|---|---|---|---|\n"
            "| `threshold` | 0 to 1 | `0.5` | Threshold. |\n");
}

TEST_F(settings_table_test, writes_a_file_that_it_reads_back) {
  values_ = {true, "a \"b\"", 7, 0.1, {"x", "y"}};
  const auto path = file(table_.to_toml());
  values_ = {};
  (void)table_.load(path, {});
  EXPECT_TRUE(values_.dev);
  EXPECT_EQ(values_.host, "a \"b\"");
  EXPECT_EQ(values_.port, 7);
  EXPECT_EQ(values_.threshold, 0.1);
  EXPECT_THAT(values_.origins, ElementsAre("x", "y"));
}

}  // namespace
}  // namespace emostream::cli
