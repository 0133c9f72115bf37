#include "socketio/responses.hpp"

#include <utility>

#include "base/guarded.hpp"
#include "socketio/error.hpp"

namespace emostream::socketio {

void responses::set_deadline(timer_queue& timers, time_point deadline) {
  timer_ = timers.add(deadline, [self = shared_from_this()] { self->finish(error::ack_timeout); });
}

ack_sink responses::sink() {
  const auto self = shared_from_this();
  return {[self](std::size_t clients) {
            ++self->servers_reported_;
            self->clients_ += clients;
            self->finish_if_complete();
          },
          [self](result<arguments> answer) {
            ++self->clients_answered_;
            if (answer)
              self->received_.push_back(std::move(*answer));
            else if (!self->failure_)
              self->failure_ = answer.error();
            self->finish_if_complete();
          }};
}

void responses::set_server_count(result<std::size_t> count) {
  if (!count) return finish(count.error());
  servers_ = *count;
  finish_if_complete();
}

void responses::finish_if_complete() {
  if (servers_ && servers_reported_ >= *servers_ && clients_answered_ >= clients_) finish(failure_);
}

void responses::finish(std::error_code why) {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  const auto self = shared_from_this();
  timer_.cancel();
  guarded("an acknowledgement handler", [&] { done(why, std::move(received_)); });
}

}  // namespace emostream::socketio
