#include "cli/progress.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <spdlog/fmt/fmt.h>

namespace emostream::cli {

namespace {

using namespace std::chrono_literals;

std::string duration_text(std::chrono::seconds time) {
  if (time < 1min) return fmt::format("{} s", time.count());
  if (time < 1h) return fmt::format("{} min {:02} s", time / 1min, (time % 1min).count());
  return fmt::format("{} h {:02} min", time / 1h, time % 1h / 1min);
}

}  // namespace

progress::progress(std::size_t total, bool terminal, writer write, clock_function now)
    : total_(total),
      terminal_(terminal),
      write_(std::move(write)),
      now_(std::move(now)),
      started_(now_()),
      last_shown_(started_) {}

progress::~progress() {
  if (drawn_) write_("\r\x1b[K");
}

void progress::advance() {
  ++done_;
  const auto now = now_();
  if (now - last_shown_ < (terminal_ ? steady_clock::duration(100ms) : steady_clock::duration(10s))) return;
  last_shown_ = now;
  show(now);
}

void progress::show(time_point now) {
  const double fraction = static_cast<double>(done_) / static_cast<double>(total_);
  const auto remaining = std::chrono::duration<double>(now - started_) * ((1 - fraction) / fraction);
  const std::string state = fmt::format("{} of {}, {:.0f} %, {} left", done_, total_, fraction * 100,
                                        duration_text(std::chrono::ceil<std::chrono::seconds>(remaining)));
  if (!terminal_) return write_(state + '\n');
  constexpr std::size_t width = 30;
  const auto filled = static_cast<std::size_t>(fraction * width);
  write_("\r[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + state + "\x1b[K");
  drawn_ = true;
}

}  // namespace emostream::cli
