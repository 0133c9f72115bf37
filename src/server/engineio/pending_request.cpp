#include "server/engineio/pending_request.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "base/guarded.hpp"
#include "engineio/error.hpp"
#include "server/engineio/engineio_context.hpp"
#include "server/engineio/engineio_endpoint.hpp"

namespace emostream::server {

namespace plan = net::plan;

pending_request::pending_request(std::weak_ptr<engineio_endpoint> endpoint, shared_request request,
                                 bool upgrade)
    : endpoint_(std::move(endpoint)), request_(std::move(request)), upgrade_(upgrade) {}

plan::deferred pending_request::to_plan() {
  return plan::deferred{.start = [self = shared_from_this()](auto decide) { self->start(std::move(decide)); },
                        .client_gone = [self = shared_from_this()] { self->decide_ = nullptr; }};
}

void pending_request::start(plan::deferred::receiver decide) {
  const auto endpoint = endpoint_.lock();
  if (!endpoint) return;
  decide_ = std::move(decide);
  call_middleware(0);
  if (!decide_) return;
  const auto& context = endpoint->context();
  timeout_ = context.http.call_after(context.opts.admission_timeout, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_timeout();
  });
}

void pending_request::on_timeout() {
  const auto endpoint = endpoint_.lock();
  if (!endpoint || !decide_) return;
  endpoint->context().rejections.log("admission_timeout", request_->remote_address);
  on_admission("Forbidden");
}

/// Calls the middleware with that index; after the last one, continues with the request.
void pending_request::call_middleware(std::size_t index) {
  const auto endpoint = endpoint_.lock();
  if (!endpoint || !decide_) return;
  const auto& all = endpoint->context().opts.middlewares;
  if (index == all.size()) {
    // The caller is the application, which must not get exceptions of ours.
    const bool succeeded = guarded("a request of Engine.IO", [&] {
      if (auto plan = endpoint->plan_checked(request_, upgrade_)) return decide(std::move(*plan));
      call_allow_request(*endpoint);
    });
    if (!succeeded) decide_ = nullptr;  // the client gets a 500
    return;
  }
  // If it throws, destroying its continuation rejects the request.
  guarded("a middleware of Engine.IO", [&] {
    all[index](request_, request_next([weak = weak_from_this(), index](request_next::decision decision) {
                 if (const auto self = weak.lock()) self->on_middleware(index, std::move(decision));
               }));
  });
}

void pending_request::on_middleware(std::size_t index, request_next::decision decision) {
  const auto endpoint = endpoint_.lock();
  if (!endpoint || !decide_) return;
  if (auto* passed = std::get_if<request_next::passed>(&decision)) {
    std::ranges::move(passed->headers, std::back_inserter(headers_));
    call_middleware(index + 1);
  } else if (auto* response = std::get_if<net::http_response>(&decision)) {
    decide(plan::answer{std::move(*response), upgrade_});
  } else {
    decide(endpoint->reject(request_, engineio::error::bad_request, upgrade_, "rejected by a middleware"));
  }
}

void pending_request::call_allow_request(const engineio_endpoint& endpoint) {
  // If it throws, destroying its admission rejects the request.
  guarded("allow_request", [&] {
    endpoint.context().opts.allow_request(
        request_, admission([weak = weak_from_this()](std::optional<std::string> rejection) {
          if (const auto self = weak.lock()) self->on_admission(std::move(rejection));
        }));
  });
}

void pending_request::on_admission(std::optional<std::string> rejection) {
  const auto endpoint = endpoint_.lock();
  if (!endpoint || !decide_) return;
  if (rejection) return decide(endpoint->forbid(request_, std::move(*rejection), upgrade_));
  if (!guarded("a request of Engine.IO", [&] { decide(endpoint->plan_session(request_, upgrade_)); }))
    decide_ = nullptr;
}

void pending_request::decide(plan::immediate plan) {
  std::exchange(decide_, nullptr)(std::move(plan), std::move(headers_));
}

}  // namespace emostream::server
