#include "api/analyze_endpoint.hpp"

#include <optional>
#include <string>
#include <utility>

#include "api/analyze_request.hpp"
#include "api/authorization.hpp"
#include "api/request_slots.hpp"
#include "api/responses.hpp"
#include "service/messages.hpp"

namespace emostream::api {

namespace {

const service::request_error shutting_down{503, service::reason::shutting_down, "Server is shutting down"};
const service::request_error overloaded{503, service::reason::overloaded, "The server has too much to do"};

/// How long a body may take to arrive: 30 s, and more for photographs over slow links.
milliseconds upload_timeout(std::size_t max_bytes) {
  constexpr std::size_t bytes_per_ms = 250;
  return std::chrono::seconds(30) + milliseconds(max_bytes / bytes_per_ms);
}

}  // namespace

/// One request, from its head to its response.
struct analyze_endpoint::request {
  analyze_request parsed_head;
  request_slots::slot slot;  ///< counts the request against the limit of its account
  std::optional<service::frame_budget::reservation> reservation;
  time_point received;
  shared_bytes body;
  net::http_responder respond;
  std::optional<service::io_mailbox<std::shared_ptr<request>>> mailbox;
};

/// Shared with the handlers of bodies and outcomes, which may run after the endpoint is destroyed.
struct analyze_endpoint::state : std::enable_shared_from_this<state> {
  state(const service::service_options& l, const auth::token_authority& t, vision::model_info m,
        pipeline::frame_queue& q, service::analyzer_factory factory, admit_function a,
        service::post_function p, service::clocks c)
      : limits(l),
        model(std::move(m)),
        queue(q),
        make_analyzer(std::move(factory)),
        admit_image(std::move(a)),
        post(std::move(p)),
        clock(std::move(c)),
        authorization(t, limits.explain_token_errors, clock),
        slots(limits.account.max_requests) {}

  const service::service_options limits;
  const vision::model_info model;
  pipeline::frame_queue& queue;
  const service::analyzer_factory make_analyzer;
  const admit_function admit_image;
  const service::post_function post;
  const service::clocks clock;

  authorizer authorization;
  request_slots slots;
  service::in_flight_counter in_flight;
  /// Every possible status starts at 0, so that Prometheus sees the first increase.
  std::map<int, std::uint64_t> response_counts{{200, 0}, {400, 0}, {401, 0}, {413, 0}, {415, 0},
                                               {422, 0}, {429, 0}, {500, 0}, {503, 0}};
  bool draining = false;

  service::or_error<std::shared_ptr<request>> admit(const request_head& head);
  void on_body(const std::shared_ptr<request>& r, result<std::string> body);
  void submit(const std::shared_ptr<request>& r, std::string_view image,
              std::shared_ptr<pipeline::worker_share> share);
  void on_outcome(request& r, const pipeline::outcome& outcome);
  [[nodiscard]] net::http_response response_to(const request& r, const pipeline::outcome& outcome) const;
  [[nodiscard]] net::http_response error_response(const service::request_error& error) const {
    return api::error_response(error, clock.wall());
  }
  /// Counts the response and returns it.
  net::http_response counted(net::http_response response) {
    ++response_counts[response.status];
    return response;
  }
};

service::or_error<std::shared_ptr<analyze_endpoint::request>> analyze_endpoint::state::admit(
    const request_head& head) {
  if (draining) return std::unexpected(shutting_down);
  const auto claims = authorization.authorize(head);
  if (!claims) return std::unexpected(claims.error());
  auto parsed_head = parse_head(head, limits.min_confidence);
  if (!parsed_head) return std::unexpected(std::move(parsed_head).error());
  auto slot = slots.take(claims->subject);
  if (!slot)
    return std::unexpected(service::request_error{
        429, reason::too_many_requests,
        "Too many requests of this account at once: at most " + std::to_string(slots.limit())});
  return std::make_shared<request>(std::move(*parsed_head), std::move(*slot), std::nullopt, time_point{},
                                   nullptr, nullptr, std::nullopt);
}

void analyze_endpoint::state::on_body(const std::shared_ptr<request>& r, result<std::string> body) {
  r->received = clock.steady();
  if (!body)
    return r->respond(
        counted(error_response(to_http_error(vision::image_error::too_large, limits.http_image))));
  if (draining) return r->respond(counted(error_response(shutting_down)));
  r->body = std::make_shared<const std::string>(std::move(*body));
  const auto image = find_image(r->parsed_head, *r->body, limits.http_image);
  if (!image) return r->respond(counted(error_response(image.error())));
  auto admitted = admit_image(r->slot.account(), image->size());
  if (!admitted) return r->respond(counted(error_response(admitted.error())));
  r->reservation.emplace(std::move(admitted->reservation));
  submit(r, *image, std::move(admitted->share));
}

void analyze_endpoint::state::submit(const std::shared_ptr<request>& r, std::string_view image,
                                     std::shared_ptr<pipeline::worker_share> share) {
  const auto self = shared_from_this();
  r->mailbox.emplace(queue, std::move(share), make_analyzer(), post,
                     std::shared_ptr<service::in_flight_counter>(self, &in_flight),
                     [self](const std::shared_ptr<request>& finished, const pipeline::outcome& outcome) {
                       self->on_outcome(*finished, outcome);
                     });
  r->mailbox->submit(
      {.image = {.owner = r->body, .content = image, .is_text = pipeline::is_image_text(image)},
       .options = r->parsed_head.options,
       .received = r->received},
      r);
}

void analyze_endpoint::state::on_outcome(request& r, const pipeline::outcome& outcome) {
  r.mailbox.reset();
  r.reservation.reset();
  auto response = response_to(r, outcome);
  // The response to a client that disconnected while its image waited is not counted.
  const bool client_gone = outcome.dropped == pipeline::drop_reason::cancelled;
  r.respond(client_gone ? std::move(response) : counted(std::move(response)));
}

net::http_response analyze_endpoint::state::response_to(const request& r,
                                                        const pipeline::outcome& outcome) const {
  if (outcome.dropped)
    return error_response(outcome.dropped == pipeline::drop_reason::shutting_down ? shutting_down
                                                                                  : overloaded);
  if (outcome.error) return error_response(to_http_error(outcome.error, limits.http_image));
  return success(to_json(
      service::image_result{.user_id = r.slot.account(),
                            .processed_at = clock.wall(),
                            .latency_ms = to_ms(clock.steady() - r.received),
                            .queue_ms = outcome.queue_ms,
                            .analysis = *outcome.analysis,
                            .model = model,
                            .fields = {.mesh = r.parsed_head.mesh, .eyes = r.parsed_head.options.eyes}}));
}

analyze_endpoint::analyze_endpoint(const service::service_options& limits,
                                   const auth::token_authority& tokens, vision::model_info model,
                                   pipeline::frame_queue& queue, service::analyzer_factory make_analyzer,
                                   admit_function admit, service::post_function post, service::clocks clock)
    : state_(std::make_shared<state>(limits, tokens, std::move(model), queue, std::move(make_analyzer),
                                     std::move(admit), std::move(post), std::move(clock))) {}

analyze_endpoint::~analyze_endpoint() = default;

std::variant<net::plan::answer, net::plan::read_body> analyze_endpoint::plan(const request_head& head) {
  auto admitted = state_->admit(head);
  if (!admitted) return net::plan::answer{state_->counted(state_->error_response(admitted.error()))};
  const std::size_t limit = (*admitted)->parsed_head.max_body_bytes(state_->limits.http_image.max_bytes);
  return net::plan::read_body{
      .limit = limit,
      .then =
          [self = state_, r = *admitted](result<std::string> body, net::http_responder respond) {
            r->respond = std::move(respond);
            self->on_body(r, std::move(body));
          },
      .client_gone =
          [r = *admitted] {
            if (r->mailbox) r->mailbox->cancel();  // on_outcome() then ends the request
          },
      .timeout = upload_timeout(limit)};
}

void analyze_endpoint::drain(std::move_only_function<void()> done) {
  state_->draining = true;
  state_->in_flight.when_idle(std::move(done));
}

std::size_t analyze_endpoint::in_flight() const {
  return state_->in_flight.count();
}

const std::map<int, std::uint64_t>& analyze_endpoint::response_counts() const {
  return state_->response_counts;
}

}  // namespace emostream::api
