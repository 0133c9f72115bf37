#include "socketio/unicast.hpp"

#include "socketio/internal.hpp"

namespace emostream::socketio {

unicast unicast::volatile_() const {
  unicast changed = *this;
  changed.flags_.is_volatile = true;
  return changed;
}

unicast unicast::compress(bool allowed) const {
  unicast changed = *this;
  changed.flags_.compress = allowed;
  return changed;
}

unicast unicast::timeout(milliseconds limit) const {
  unicast changed = *this;
  changed.timeout_ = limit;
  return changed;
}

broadcast unicast::others() const {
  auto selected = receiver_->others().compress(flags_.compress).timeout(timeout_);
  return flags_.is_volatile ? std::move(selected).volatile_() : selected;
}

void unicast::emit(std::string_view name, const arguments& args) const {
  receiver_->emit(internal{}, name, args, flags_);
}

void unicast::request_ack(std::string_view name, const arguments& args, socket::ack_handler handler) const {
  receiver_->request_ack(internal{}, name, args, flags_, timeout_, std::move(handler));
}

}  // namespace emostream::socketio
