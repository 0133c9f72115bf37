#include "pipeline/encoded_image.hpp"

#include <gtest/gtest.h>

namespace emostream::pipeline {
namespace {

struct decoded {
  std::string bytes;
  std::error_code error;
};

decoded decode_copy(std::string_view content, bool text) {
  std::string buffer;
  const auto bytes = image_bytes({.owner = nullptr, .content = content, .is_text = text}, buffer);
  if (!bytes) return {{}, bytes.error()};
  return {std::string(bytes->begin(), bytes->end()), {}};
}

TEST(encoded_image_test, passes_bytes_through_without_a_copy) {
  const std::string content("\xff\xd8\0=", 4);
  std::string buffer;
  const auto bytes = image_bytes({.owner = nullptr, .content = content, .is_text = false}, buffer);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(static_cast<const void*>(bytes->data()), content.data());
  EXPECT_EQ(bytes->size(), 4U);
  EXPECT_TRUE(buffer.empty());
}

TEST(encoded_image_test, decodes_base64) {
  EXPECT_EQ(decode_copy("aGVsbG8=", true).bytes, "hello");
}

TEST(encoded_image_test, ignores_line_breaks) {
  EXPECT_EQ(decode_copy("aGVs\r\nbG8=\n", true).bytes, "hello");
  EXPECT_EQ(decode_copy("data:;base64,aGVs\nbG8=", true).bytes, "hello");
  EXPECT_EQ(decode_copy("\n", true).error, frame_error::no_data);
}

TEST(encoded_image_test, decodes_data_urls_of_any_type) {
  for (const std::string_view url :
       {"data:image/jpeg;base64,aGVsbG8=", "data:;base64,aGVsbG8=",
        "DATA:image/png;name=\"x\";BASE64,aGVsbG8=", "data:text/plain;charset=utf-8;base64,aGVsbG8="})
    EXPECT_EQ(decode_copy(url, true).bytes, "hello") << url;
}

TEST(encoded_image_test, rejects_data_urls_without_base64_or_with_a_long_head) {
  for (const std::string_view url : {"data:", "data:,", "data:image/jpeg,hello", "data:image/jpeg;base64",
                                     "data:base64,aGVsbG8=", "data:;base64x,aGVsbG8="})
    EXPECT_EQ(decode_copy(url, true).error, frame_error::bad_data_url) << url;
  EXPECT_EQ(decode_copy("data:" + std::string(300, 'x') + ";base64,aGVsbG8=", true).error,
            frame_error::bad_data_url);
}

TEST(encoded_image_test, rejects_text_that_is_not_base64) {
  for (const std::string_view text : {"a", "aGVsbG8", "aGVs bG8=", "aGV-bG8=", "====", "not base64!",
                                      "http://example.org/a.jpg", "data:;base64,aGVsbG8"})
    EXPECT_EQ(decode_copy(text, true).error, frame_error::bad_base64) << text;
}

TEST(encoded_image_test, rejects_empty_content) {
  EXPECT_EQ(decode_copy("", true).error, frame_error::no_data);
  EXPECT_EQ(decode_copy("", false).error, frame_error::no_data);
  EXPECT_EQ(decode_copy("data:image/png;base64,", true).error, frame_error::no_data);
}

TEST(encoded_image_test, every_error_has_a_message) {
  for (int e = 1; e <= static_cast<int>(frame_error::internal); ++e)
    EXPECT_NE(make_error_code(static_cast<frame_error>(e)).message(), "unknown frame error");
}

}  // namespace
}  // namespace emostream::pipeline
