#include "api/analyze_endpoint.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "api/analyze_request.hpp"
#include "api/answers.hpp"
#include "api/authorization.hpp"
#include "api/request_slots.hpp"
#include "service/messages.hpp"

namespace emostream::api {

namespace {

const service::problem shutting_down{503, service::reason::shutting_down, "Server is shutting down"};
const service::problem overloaded{503, service::reason::overloaded, "The server has too much to do"};

}  // namespace

/// One request, from its head to its answer.
struct analyze_endpoint::request {
  analyze_request asked;
  request_slots::slot slot;  ///< of its account
  std::optional<service::frame_budget::share> share;
  time_point received;
  shared_bytes body;
  net::http_responder respond;
  std::optional<pipeline::frame_queue::lane> lane;
};

/// Shared by the endpoint and by what workers post, which may come after it is gone.
struct analyze_endpoint::state : std::enable_shared_from_this<state> {
  state(const service::options& l, const auth::token_authority& t, service::model_info m,
        pipeline::frame_queue& q, service::stream_opener open, admit_function a, service::post_function p,
        service::clocks c)
      : limits(l),
        tokens(t),
        model(std::move(m)),
        queue(q),
        open_stream(std::move(open)),
        let_in(std::move(a)),
        post(std::move(p)),
        clock(std::move(c)),
        slots(limits.account.max_requests) {}

  const service::options limits;
  const auth::token_authority& tokens;
  const service::model_info model;
  pipeline::frame_queue& queue;
  const service::stream_opener open_stream;
  const admit_function let_in;
  const service::post_function post;
  const service::clocks clock;

  request_slots slots;
  std::size_t in_work = 0;
  /// Those that there may be are there before they happen: a counter that appears with 1 has no rate.
  std::map<int, std::uint64_t> answered{{200, 0}, {400, 0}, {401, 0}, {413, 0}, {415, 0},
                                        {422, 0}, {429, 0}, {500, 0}, {503, 0}};
  bool draining = false;
  std::move_only_function<void()> on_idle;

  service::expected<std::shared_ptr<request>> admit(const request_head& head);
  void on_body(const std::shared_ptr<request>& r, result<std::string> body);
  void submit(const std::shared_ptr<request>& r, std::string_view image);
  void on_outcome(request& r, const pipeline::outcome& what);
  [[nodiscard]] net::http_response answer_to(const request& r, const pipeline::outcome& what) const;
  [[nodiscard]] net::http_response refuse(const service::problem& why) const {
    return refusal(why, clock.wall());
  }
  net::http_response counted(net::http_response with) {
    ++answered[with.status];
    return with;
  }
  void tell_if_idle() {
    if (in_work == 0 && on_idle) std::exchange(on_idle, nullptr)();
  }
};

service::expected<std::shared_ptr<analyze_endpoint::request>> analyze_endpoint::state::admit(
    const request_head& head) {
  if (draining) return std::unexpected(shutting_down);
  const auto claims = authorize(head, tokens, clock.wall());
  if (!claims) return std::unexpected(claims.error());
  auto asked = parse_head(head, limits.min_confidence);
  if (!asked) return std::unexpected(std::move(asked).error());
  auto slot = slots.take(claims->subject);
  if (!slot)
    return std::unexpected(service::problem{
        429, reason::too_many_requests,
        "Too many requests of this account at once: at most " + std::to_string(slots.limit())});
  return std::make_shared<request>(std::move(*asked), std::move(*slot), std::nullopt, time_point{}, nullptr,
                                   nullptr, std::nullopt);
}

void analyze_endpoint::state::on_body(const std::shared_ptr<request>& r, result<std::string> body) {
  r->received = clock.steady();
  if (!body) return r->respond(counted(refuse(too_large(limits.image.max_bytes))));
  if (draining) return r->respond(counted(refuse(shutting_down)));
  r->body = std::make_shared<const std::string>(std::move(*body));
  const auto image = find_image(r->asked, *r->body, limits.image.max_bytes);
  if (!image) return r->respond(counted(refuse(image.error())));
  auto share = let_in(r->slot.account(), image->size());
  if (!share) return r->respond(counted(refuse(share.error())));
  r->share.emplace(std::move(*share));
  submit(r, *image);
}

/// Hands the image to the workers. Whatever thread tells of the outcome, it only carries it home, and the
/// request with it: what it holds is the I/O thread's.
void analyze_endpoint::state::submit(const std::shared_ptr<request>& r, std::string_view image) {
  ++in_work;
  auto carry_home = [self = shared_from_this(),
                     carried = std::make_shared<std::shared_ptr<request>>(r)](pipeline::outcome what) {
    const auto& to_io_thread = self->post;
    to_io_thread([self, home = std::exchange(*carried, nullptr), what = std::move(what)] {
      self->on_outcome(*home, what);
    });
  };
  r->lane.emplace(queue.open(open_stream(), std::move(carry_home)));
  r->lane->submit({.image = {.owner = r->body, .content = image, .text = false},
                   .options = r->asked.options,
                   .received = r->received});
}

void analyze_endpoint::state::on_outcome(request& r, const pipeline::outcome& what) {
  try {
    auto answer = answer_to(r, what);
    const bool heard = what.dropped != pipeline::drop_reason::cancelled;  // or its client is gone
    r.respond(heard ? counted(std::move(answer)) : std::move(answer));
  } catch (const std::exception& error) {
    spdlog::error("an answer was lost: {}", error.what());
  }
  r.lane.reset();
  r.share.reset();
  --in_work;
  tell_if_idle();
}

net::http_response analyze_endpoint::state::answer_to(const request& r, const pipeline::outcome& what) const {
  if (what.dropped)
    return refuse(what.dropped == pipeline::drop_reason::shutting_down ? shutting_down : overloaded);
  if (what.error) return refuse(to_problem(what.error));
  return success(to_json(service::image_result{.user_id = r.slot.account(),
                                               .processed_at = clock.wall(),
                                               .latency_ms = to_ms(clock.steady() - r.received),
                                               .queue_ms = what.queue_ms,
                                               .analysis = *what.analysis,
                                               .model = model}));
}

analyze_endpoint::analyze_endpoint(const service::options& limits, const auth::token_authority& tokens,
                                   service::model_info model, pipeline::frame_queue& queue,
                                   service::stream_opener open_stream, admit_function admit,
                                   service::post_function post, service::clocks clock)
    : state_(std::make_shared<state>(limits, tokens, std::move(model), queue, std::move(open_stream),
                                     std::move(admit), std::move(post), std::move(clock))) {}

analyze_endpoint::~analyze_endpoint() = default;

std::variant<net::plan::answer, net::plan::read_body> analyze_endpoint::plan(request_head head) {
  auto admitted = state_->admit(head);
  if (!admitted) return net::plan::answer{state_->counted(state_->refuse(admitted.error()))};
  return net::plan::read_body{
      .limit = (*admitted)->asked.max_body_bytes(state_->limits.image.max_bytes),
      .then =
          [self = state_, r = *admitted](result<std::string> body, net::http_responder respond) {
            r->respond = std::move(respond);
            self->on_body(r, std::move(body));
          },
      .client_gone =
          [r = *admitted] {
            if (r->lane) r->lane->cancel();  // whose outcome ends it
          }};
}

void analyze_endpoint::drain(std::move_only_function<void()> done) {
  state_->draining = true;
  state_->on_idle = std::move(done);
  state_->tell_if_idle();
}

std::size_t analyze_endpoint::in_work() const {
  return state_->in_work;
}

const std::map<int, std::uint64_t>& analyze_endpoint::answered() const {
  return state_->answered;
}

}  // namespace emostream::api
