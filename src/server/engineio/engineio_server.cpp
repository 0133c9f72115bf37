#include "server/engineio/engineio_server.hpp"

#include <utility>

#include "server/engineio/engineio_context.hpp"
#include "server/engineio/engineio_endpoint.hpp"

namespace emostream::server {

engineio_server::engineio_server(net::http_server& http, engineio_server_options opts)
    : context_(std::make_shared<engineio_context>(http, std::move(opts))) {
  if (context_->opts.cookie)
    set_cookie_header(*context_->opts.cookie, {});  // throws if the cookie is malformed
}

engineio_server::~engineio_server() = default;

void engineio_server::mount(std::string path, engineio_session_factory factory) {
  context_->http.mount(std::move(path), std::make_shared<engineio_endpoint>(context_, std::move(factory)));
}

void engineio_server::reject_new_sessions() {
  context_->rejecting_sessions = true;
}

const engineio_stats& engineio_server::stats() const {
  return context_->stats;
}

}  // namespace emostream::server
