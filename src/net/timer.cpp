#include "net/timer.hpp"

#include "net/timer_impl.hpp"

namespace emostream::net {

timer::timer() noexcept = default;
timer::timer(std::unique_ptr<impl> i) noexcept : impl_(std::move(i)) {}
timer::timer(timer&&) noexcept = default;
timer& timer::operator=(timer&&) noexcept = default;
timer::~timer() = default;

void timer::cancel() {
  impl_.reset();
}

}  // namespace emostream::net
