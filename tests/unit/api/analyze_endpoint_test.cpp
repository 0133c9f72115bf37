#include "api/analyze_endpoint.hpp"

#include <semaphore>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "task_loop.hpp"

namespace emostream::api {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr wall_clock::time_point now{1'700'000'000s};

/// An endpoint with one worker. The analysis of an image that begins with "hold" blocks until the gate is
/// released.
struct analyze_endpoint_test : testing::Test {
  ~analyze_endpoint_test() override {
    gate.release(100);
    while (endpoint.in_flight() > 0) io.run_one();
  }

  /// The observable state of a request.
  struct exchange {
    bool reads_body = false;
    std::size_t limit = 0;
    std::optional<net::http_response> response;
    std::move_only_function<void()> client_gone;

    [[nodiscard]] int status() const { return response ? response->status : 0; }
    [[nodiscard]] json::object content() const { return json::parse(*response->body).as_object(); }
    [[nodiscard]] std::string reason() const { return std::string(content().at("reason").as_string()); }
  };

  request_head head(std::string_view account = "alice") const {
    return {.headers = {{"authorization", "Bearer " + tokens.sign(account, now, 1h)}}};
  }
  /// Sends the body if the endpoint asks for it.
  std::shared_ptr<exchange> send(request_head request, result<std::string> body) {
    auto out = std::make_shared<exchange>();
    auto plan = endpoint.plan(std::move(request));
    if (auto* answer = std::get_if<net::plan::answer>(&plan)) {
      out->response = std::move(answer->response);
      return out;
    }
    auto& read_body = std::get<net::plan::read_body>(plan);
    out->reads_body = true;
    out->limit = read_body.limit;
    out->client_gone = std::move(read_body.client_gone);
    read_body.then(std::move(body), [out](net::http_response response) {
      out->response = std::move(response);
      out->client_gone = nullptr;  // as the connection does
    });
    return out;
  }
  std::shared_ptr<exchange> send(std::string body, std::string_view account = "alice") {
    return send(head(account), result<std::string>(std::move(body)));
  }
  /// Sends a request and waits for the response.
  std::shared_ptr<exchange> send_and_wait(std::string body) {
    auto e = send(std::move(body));
    while (!e->response) io.run_one();
    return e;
  }

  std::error_code analyze(std::span<const std::uint8_t> bytes, const vision::frame_options& options,
                          vision::analysis& into) {
    const std::string text(bytes.begin(), bytes.end());
    if (text.starts_with("hold")) {
      held.release();
      gate.acquire();
    }
    if (text == "bad") return vision::image_error::corrupt;
    if (text == "throw") throw std::runtime_error("bug");
    into = {.width = 200, .height = 100, .faces = {}, .times = {}};
    into.faces.resize(static_cast<std::size_t>(options.max_faces));
    if (options.eyes) into.faces.at(0).eyes.emplace();
    return {};
  }

  const auth::token_authority tokens{
      {.secret = "0123456789abcdef0123456789abcdef", .issuer = {}, .audience = {}}};
  std::counting_semaphore<> held{0};
  std::counting_semaphore<> gate{0};
  task_loop io;
  std::atomic<int> now_ms = 0;
  service::clocks clock{.steady = [this] { return time_point(milliseconds(now_ms)); },
                        .wall = [] { return now; }};
  pipeline::frame_queue queue{{.workers = 1, .deadline = 250ms}, clock.steady};
  service::frame_budget budget{150};
  std::shared_ptr<pipeline::worker_share> share = std::make_shared<pipeline::worker_share>();
  analyze_endpoint endpoint{
      {.account = {.max_requests = 2}, .http_image = {.max_bytes = 100}},
      tokens,
      {.detector = "d", .classifier = "c", .labels = {"neutral"}},
      queue,
      [this] {
        return [this](auto bytes, const auto& options, time_point, auto& into) {
          return analyze(bytes, options, into);
        };
      },
      [this](const std::string&, std::size_t bytes) -> service::or_error<service::admitted_image> {
        if (auto reserved = budget.reserve(bytes))
          return service::admitted_image{std::move(*reserved), share};
        return std::unexpected(service::request_error{503, service::reason::overloaded, "Too much"});
      },
      [this](auto task) { io.post(std::move(task)); },
      clock};
};

TEST_F(analyze_endpoint_test, answers_with_the_result) {
  auto request = head();
  request.query = {{"max_faces", "2"}};
  const auto e = send(std::move(request), "image");
  EXPECT_EQ(e->limit, 100U);
  while (!e->response) io.run_one();
  ASSERT_EQ(e->status(), 200);
  const auto content = e->content();
  EXPECT_EQ(content.at("version"), 1);
  EXPECT_EQ(content.at("user_id"), "alice");
  EXPECT_EQ(content.at("processed_at").to_number<double>(), 1.7e9);
  EXPECT_EQ(content.at("resolution"), json::parse("[200,100]"));
  EXPECT_EQ(content.at("face_count"), 2);
  EXPECT_EQ(content.at("model"), json::parse(R"({"detector":"d","classifier":"c"})"));
  EXPECT_TRUE(content.contains("latency_ms"));
  EXPECT_TRUE(content.at("timing").as_object().contains("queue"));
  EXPECT_EQ(endpoint.in_flight(), 0U);
  EXPECT_FALSE(content.at("faces").at(0).as_object().contains("mesh"));
}

TEST_F(analyze_endpoint_test, answers_with_the_mesh_and_the_eyes_if_asked) {
  auto request = head();
  request.query = {{"max_faces", "1"}, {"mesh", "true"}, {"eyes", "true"}};
  const auto e = send(std::move(request), "image");
  while (!e->response) io.run_one();
  const auto face = e->content().at("faces").at(0).as_object();
  EXPECT_EQ(face.at("mesh"), nullptr);
  EXPECT_TRUE(face.at("eyes").is_object());
}

TEST_F(analyze_endpoint_test, rejects_a_request_before_its_body_is_sent) {
  const auto e = send(request_head{}, "image");
  EXPECT_FALSE(e->reads_body);
  EXPECT_EQ(e->status(), 401);
  EXPECT_EQ(e->reason(), "auth_required");

  auto invalid = head();
  invalid.query = {{"max_faces", "many"}};
  EXPECT_EQ(send(std::move(invalid), "image")->status(), 400);
  auto text = head();
  text.headers.emplace_back("content-type", "text/plain");
  EXPECT_EQ(send(std::move(text), "image")->status(), 415);
}

TEST_F(analyze_endpoint_test, rejects_a_body_that_cannot_be_analyzed) {
  EXPECT_EQ(send("")->reason(), "no_image_data");
  EXPECT_EQ(send(std::string(101, 'x'))->reason(), "frame_too_large");
  EXPECT_EQ(send(head(), failure(vision::image_error::too_large))->status(), 413);
  const auto bad = send_and_wait("bad");
  EXPECT_EQ(bad->status(), 422);
  EXPECT_EQ(bad->reason(), "undecodable_image");
  EXPECT_EQ(send_and_wait("throw")->status(), 500);
}

TEST_F(analyze_endpoint_test, recognizes_an_image_that_is_sent_as_text) {
  EXPECT_EQ(send_and_wait("data:image/jpeg;base64,aW1hZ2U=")->status(), 200);
  const auto bad = send_and_wait("data:image/jpeg;base64,YmFk");
  EXPECT_EQ(bad->reason(), "undecodable_image");
  EXPECT_EQ(send_and_wait("data:,")->reason(), "no_image_data");
}

TEST_F(analyze_endpoint_test, finds_the_image_in_a_form) {
  auto form = head();
  form.headers.emplace_back("content-type", "multipart/form-data; boundary=b");
  const auto e =
      send(std::move(form), "--b\r\nContent-Disposition: form-data; name=image\r\n\r\nbad\r\n--b--\r\n");
  EXPECT_EQ(e->limit, 100U + 65'536U);
  while (!e->response) io.run_one();
  EXPECT_EQ(e->reason(), "undecodable_image");
}

TEST_F(analyze_endpoint_test, counts_against_the_memory_budget_of_all_frames) {
  const auto first = send("hold" + std::string(90, ' '));
  held.acquire();
  const auto rejected = send(std::string(90, 'x'), "bob");
  EXPECT_EQ(rejected->status(), 503);
  EXPECT_EQ(rejected->reason(), "overloaded");
  gate.release();
  while (!first->response) io.run_one();
  EXPECT_EQ(budget.used(), 0U);
}

TEST_F(analyze_endpoint_test, limits_the_concurrent_requests_of_an_account) {
  const auto first = send("hold");
  held.acquire();
  const auto second = send("image");
  const auto third = send("image");
  EXPECT_EQ(third->status(), 429);
  EXPECT_EQ(third->reason(), "too_many_requests");
  const auto other = send("image", "bob");
  EXPECT_TRUE(other->reads_body);
  EXPECT_EQ(endpoint.in_flight(), 3U);
  gate.release();
  while (endpoint.in_flight() > 0) io.run_one();
  for (const auto& e : {first, second, other}) EXPECT_EQ(e->status(), 200);
  EXPECT_EQ(endpoint.response_counts().at(200), 3U);
  EXPECT_EQ(endpoint.response_counts().at(429), 1U);
  EXPECT_EQ(send_and_wait("image")->status(), 200);
}

TEST_F(analyze_endpoint_test, counts_a_request_from_its_head) {
  auto uploading = std::make_optional(endpoint.plan(head()));
  const auto second = send("hold");
  held.acquire();
  EXPECT_EQ(send("image")->status(), 429);
  uploading.reset();  // as if the client disconnected
  const auto third = send("image");
  EXPECT_TRUE(third->reads_body);
}

TEST_F(analyze_endpoint_test, is_overloaded_when_an_image_waited_too_long) {
  const auto first = send("hold");
  held.acquire();
  const auto second = send("image");
  now_ms = 300;
  gate.release();
  while (!second->response) io.run_one();
  EXPECT_EQ(second->status(), 503);
  EXPECT_EQ(second->reason(), "overloaded");
}

TEST_F(analyze_endpoint_test, cancels_the_image_of_a_disconnected_client) {
  const auto first = send("hold");
  held.acquire();
  const auto second = send("image");
  second->client_gone();
  second->client_gone = nullptr;
  io.run_one();
  EXPECT_EQ(endpoint.in_flight(), 1U);
  EXPECT_EQ(queue.stats().waiting, 0U);
  EXPECT_TRUE(send("image")->reads_body) << "the cancelled request is no longer counted";
  EXPECT_EQ(endpoint.response_counts().at(503), 0U);
}

TEST_F(analyze_endpoint_test, drains_when_the_last_image_in_flight_is_answered) {
  const auto first = send("hold");
  held.acquire();
  auto uploading = endpoint.plan(head());
  bool drained = false;
  endpoint.drain([&drained] { drained = true; });
  EXPECT_FALSE(drained);
  const auto rejected = send("image");
  EXPECT_FALSE(rejected->reads_body);
  EXPECT_EQ(rejected->status(), 503);
  EXPECT_EQ(rejected->reason(), "shutting_down");
  int late = 0;
  std::get<net::plan::read_body>(uploading).then(std::string("image"),
                                                 [&late](const net::http_response& r) { late = r.status; });
  EXPECT_EQ(late, 503);
  gate.release();
  while (!first->response) io.run_one();
  EXPECT_EQ(first->status(), 200);
  EXPECT_TRUE(drained);
}

TEST_F(analyze_endpoint_test, drains_immediately_without_images_in_flight) {
  bool drained = false;
  endpoint.drain([&drained] { drained = true; });
  EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace emostream::api
