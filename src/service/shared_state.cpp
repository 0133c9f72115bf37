#include "service/shared_state.hpp"

namespace emostream::service {

or_error<frame_budget::reservation> shared_state::admit_frame(account& sender, std::size_t bytes,
                                                              time_point now) {
  if (auto error = sender.charge_frame(bytes, now)) {
    ++counters.account_rate_exceeded;
    return std::unexpected(std::move(*error));
  }
  auto reservation = budget.reserve(bytes);
  if (!reservation)
    return std::unexpected(
        request_error{503, reason::overloaded, "Too many images are in flight; try again"});
  return std::move(*reservation);
}

}  // namespace emostream::service
