#include "api/multipart.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emostream::api {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

std::string field(const std::string& disposition, const std::string& content, const std::string& more = "") {
  return "--b\r\nContent-Disposition: " + disposition + "\r\n" + more + "\r\n" + content + "\r\n";
}

TEST(multipart, has_the_parts_of_a_form) {
  const std::string jpeg("\xff\xd8\r\n--\0\r\n--a", 12);
  const auto body =
      field("form-data; name=\"note\"", "hello") +
      field("form-data; name=\"image\"; filename=\"a.jpg\"", jpeg, "Content-Type: image/jpeg\r\n") +
      "--b--\r\n";
  const auto parts = parse_multipart(body, "b");
  ASSERT_TRUE(parts) << parts.error().message();
  ASSERT_THAT(*parts, SizeIs(2));
  EXPECT_EQ((*parts)[0].name, "note");
  EXPECT_EQ((*parts)[0].filename, std::nullopt);
  EXPECT_EQ((*parts)[0].content, "hello");
  EXPECT_EQ((*parts)[1].name, "image");
  EXPECT_EQ((*parts)[1].filename, "a.jpg");
  EXPECT_EQ((*parts)[1].content_type, "image/jpeg");
  EXPECT_EQ((*parts)[1].content, jpeg);
}

TEST(multipart, returns_views_of_the_body) {
  const auto body = field("form-data; name=a", "content") + "--b--";
  const auto parts = parse_multipart(body, "b");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->front().content.data(), body.data() + body.find("content"));
}

TEST(multipart, ignores_preamble_padding_and_epilogue) {
  const auto parts = parse_multipart(
      "preamble\r\n--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\nepilogue", "b");
  ASSERT_TRUE(parts) << parts.error().message();
  EXPECT_THAT(*parts, ElementsAre(Field(&part::content, "x")));
}

TEST(multipart, may_have_no_parts_or_empty_parts) {
  EXPECT_THAT(parse_multipart("--b--", "b").value(), IsEmpty());
  const auto parts = parse_multipart(field("form-data; name=a; filename=\"\"", "") + "--b--", "b");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->front().filename, "");
  EXPECT_EQ(parts->front().content, "");
}

std::error_code error_of(std::string_view body) {
  const auto parts = parse_multipart(body, "b");
  return parts ? std::error_code() : parts.error();
}

TEST(multipart, is_rejected_when_truncated_at_any_byte) {
  const auto body = field("form-data; name=a", "content", "Content-Type: x/y\r\n") + "--b--";
  for (std::size_t size = 0; size < body.size(); ++size) {
    const auto e = error_of(std::string_view(body).substr(0, size));
    EXPECT_TRUE(e == multipart_error::cut_off || e == multipart_error::no_boundary_line ||
                e == multipart_error::bad_boundary_line)
        << size << ": " << e.message();
  }
  EXPECT_EQ(error_of(body), std::error_code());
}

TEST(multipart, reports_why_a_body_is_rejected) {
  using enum multipart_error;
  EXPECT_EQ(error_of("x--b--"), no_boundary_line);
  EXPECT_EQ(error_of("--bc\r\n"), bad_boundary_line);
  EXPECT_EQ(error_of("--b\nContent-Disposition: form-data; name=a\n\nx\n--b--"), bad_boundary_line);
  EXPECT_EQ(error_of(field("form-data", "x") + "--b--"), bad_part_header);
  EXPECT_EQ(error_of(field("attachment; name=a", "x") + "--b--"), bad_part_header);
  EXPECT_EQ(error_of(field("form-data; name=a", "x", "no colon\r\n") + "--b--"), bad_part_header);
  EXPECT_EQ(error_of(field("form-data; name=a", "x", "Content-Disposition: form-data; name=b\r\n") + "--b--"),
            bad_part_header);
  EXPECT_EQ(error_of("--b\r\n\r\nx\r\n--b--"), bad_part_header);
  EXPECT_EQ(error_of(field("form-data; name=a", "x", "Content-Transfer-Encoding: base64\r\n") + "--b--"),
            encoded_part);
  EXPECT_EQ(error_of(field("form-data; name=a", "x", "content-transfer-encoding: Binary\r\n") + "--b--"),
            std::error_code());
}

TEST(multipart, limits_parts_and_header_sizes) {
  std::string body;
  for (std::size_t i = 0; i < max_parts; ++i) body += field("form-data; name=a", "x");
  EXPECT_EQ(error_of(body + "--b--"), std::error_code());
  EXPECT_EQ(error_of(body + field("form-data; name=a", "x") + "--b--"), multipart_error::too_many_parts);

  const auto with_header = [](std::size_t size) {
    return field("form-data; name=a", "x", "X: " + std::string(size, 'x') + "\r\n") + "--b--";
  };
  EXPECT_EQ(error_of(with_header(max_part_header - 100)), std::error_code());
  EXPECT_EQ(error_of(with_header(max_part_header)), multipart_error::part_header_too_large);
}

TEST(boundary, follows_rfc_2046) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=----WebKitFormBoundaryX1").value(),
            "----WebKitFormBoundaryX1");
  EXPECT_EQ(boundary_of("multipart/form-data; charset=utf-8; boundary=\"a b:c\"").value(), "a b:c");
  const std::string longest(70, 'x');
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=" + longest).value(), longest);
  for (const auto& bad : {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
                          std::string("multipart/form-data; boundary=\"\""),
                          std::string("multipart/form-data; boundary=\"a \""),
                          std::string("multipart/form-data; boundary=\"a\\\"b\""),
                          std::string("multipart/form-data; boundary=\"a;b\""),
                          "multipart/form-data; boundary=" + longest + "x", std::string("boundary")})
    EXPECT_EQ(boundary_of(bad).error(), multipart_error::bad_boundary) << bad;
  EXPECT_EQ(parse_multipart("--a;b--", "a;b").error(), multipart_error::bad_boundary);
}

}  // namespace
}  // namespace emostream::api
