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

TEST(encoded_image_test, forgives_what_browsers_forgive) {
  for (const std::string_view text :
       {"aGVs\r\nbG8=\n", " aGVs\tbG8=", "aGVsbG8", "data:;base64,aGVs\nbG8=", "data:;base64,aGVsbG8",
        "\n data:;base64, aGVs bG8=", "data:; base64,aGVsbG8=", "data:image/jpg;base64 ,aGVsbG8%3D",
        "data:;base64,a%47VsbG8="})
    EXPECT_EQ(decode_copy(text, true).bytes, "hello") << text;
}

TEST(encoded_image_test, decodes_base64url) {
  EXPECT_EQ(decode_copy("_9j_", true).bytes, "\xff\xd8\xff");
}

TEST(encoded_image_test, recognizes_text_that_was_sent_as_bytes) {
  for (const std::string_view text : {"/9j/4AAQ", "_9j_4AAQ", "iVBORw0KGgoAAAA", "UklGRiQAAABXRUJQ",
                                      "R0lGODlhAQ", "data:image/png;base64,iVBO", "\r\n/9j/4AAQ", " DATA:,"})
    EXPECT_TRUE(is_image_text(text)) << text;
  for (const std::string_view bytes :
       {"\xff\xd8\xff\xe0", "\x89PNG\r\n", "RIFF", "GIF89a", "", "aGVsbG8=", "dat"})
    EXPECT_FALSE(is_image_text(bytes)) << bytes;
}

TEST(encoded_image_test, decodes_data_urls_of_any_type) {
  for (const std::string_view url :
       {"data:image/jpeg;base64,aGVsbG8=", "data:;base64,aGVsbG8=",
        "DATA:image/png;name=\"x\";BASE64,aGVsbG8=", "data:text/plain;charset=utf-8;base64,aGVsbG8="})
    EXPECT_EQ(decode_copy(url, true).bytes, "hello") << url;
}

TEST(encoded_image_test, rejects_data_urls_without_base64_or_with_a_long_head) {
  for (const std::string_view url : {"data:", "data:image/jpeg,hello", "data:image/jpeg;base64",
                                     "data:base64,aGVsbG8=", "data:;base64x,aGVsbG8="})
    EXPECT_EQ(decode_copy(url, true).error, frame_error::bad_data_url) << url;
  EXPECT_EQ(decode_copy("data:" + std::string(300, 'x') + ";base64,aGVsbG8=", true).error,
            frame_error::bad_data_url);
}

TEST(encoded_image_test, rejects_text_that_is_not_base64) {
  for (const std::string_view text : {"a", "aGVsb", "====", "not base64!", "http://example.org/a.jpg",
                                      "data:;base64,aGVsb", "aGVsbG8%3D", "data:;base64,aGVsbG8%"})
    EXPECT_EQ(decode_copy(text, true).error, frame_error::bad_base64) << text;
}

TEST(encoded_image_test, rejects_empty_content) {
  EXPECT_EQ(decode_copy("", true).error, frame_error::no_data);
  EXPECT_EQ(decode_copy("", false).error, frame_error::no_data);
  for (const std::string_view text :
       {"\n", " \t", "data:,", "data:image/png,", "data:image/png;base64,", "data:;base64, "})
    EXPECT_EQ(decode_copy(text, true).error, frame_error::no_data) << text;
}

TEST(encoded_image_test, every_error_has_a_message) {
  for (int e = 1; e <= static_cast<int>(frame_error::internal); ++e)
    EXPECT_NE(make_error_code(static_cast<frame_error>(e)).message(), "unknown frame error");
}

}  // namespace
}  // namespace emostream::pipeline
