#include "net/rejection_log.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"

namespace emostream::net {

void rejection_log::log(std::string_view reason, std::string_view address) {
  if (const auto suppressed = throttles_[reason].pass(steady_clock::now()))
    emostream::log::warn("connection refused",
                         {{"reason", reason}, {"address", address}, {"suppressed", *suppressed}});
}

}  // namespace emostream::net
