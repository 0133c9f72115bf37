#include "service/services.hpp"

namespace emostream::service {

expected<frame_budget::share> services::admit_frame(account& of, std::size_t bytes, time_point now) {
  if (auto why_not = of.take_frame(bytes, now)) {
    ++counters.account_limited;
    return std::unexpected(std::move(*why_not));
  }
  auto share = budget.take(bytes);
  if (!share)
    return std::unexpected(problem{503, reason::overloaded, "Too many images are in work; try again"});
  return std::move(*share);
}

}  // namespace emostream::service
