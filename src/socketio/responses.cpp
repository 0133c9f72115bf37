#include "socketio/responses.hpp"

#include <utility>

#include "base/guarded.hpp"
#include "socketio/error.hpp"

namespace emostream::socketio {

void responses::give_up_at(timer_queue& timers, time_point when) {
  deadline_ = timers.add(when, [self = shared_from_this()] { self->finish(error::ack_timeout); });
}

answer_sink responses::sink() {
  const auto self = shared_from_this();
  return {[self](std::size_t clients) {
            ++self->servers_heard_;
            self->clients_ += clients;
            self->finish_if_complete();
          },
          [self](result<arguments> answer) {
            ++self->clients_heard_;
            if (answer)
              self->received_.push_back(std::move(*answer));
            else if (!self->failure_)
              self->failure_ = answer.error();
            self->finish_if_complete();
          }};
}

void responses::expect_servers(result<std::size_t> count) {
  if (!count) return finish(count.error());
  servers_ = *count;
  finish_if_complete();
}

void responses::finish_if_complete() {
  if (servers_ && servers_heard_ >= *servers_ && clients_heard_ >= clients_) finish(failure_);
}

void responses::finish(std::error_code why) {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  const auto self = shared_from_this();
  deadline_.cancel();
  guarded("an acknowledgement handler", [&] { done(why, std::move(received_)); });
}

}  // namespace emostream::socketio
