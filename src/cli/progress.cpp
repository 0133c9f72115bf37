#include "cli/progress.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <spdlog/fmt/fmt.h>

namespace emostream::cli {

namespace {

using namespace std::chrono_literals;

std::string in_words(std::chrono::seconds time) {
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
      begun_(now_()),
      shown_(begun_) {}

progress::~progress() {
  if (drawn_) write_("\r\x1b[K");
}

void progress::advance() {
  ++done_;
  const auto now = now_();
  if (now - shown_ < (terminal_ ? steady_clock::duration(100ms) : steady_clock::duration(10s))) return;
  shown_ = now;
  show(now);
}

void progress::show(time_point now) {
  const double share = static_cast<double>(done_) / static_cast<double>(total_);
  const auto left = std::chrono::duration<double>(now - begun_) * ((1 - share) / share);
  const std::string state = fmt::format("{} of {}, {:.0f} %, {} left", done_, total_, share * 100,
                                        in_words(std::chrono::ceil<std::chrono::seconds>(left)));
  if (!terminal_) return write_(state + '\n');
  constexpr std::size_t width = 30;
  const auto full = static_cast<std::size_t>(share * width);
  write_("\r[" + std::string(full, '#') + std::string(width - full, '.') + "] " + state + "\x1b[K");
  drawn_ = true;
}

}  // namespace emostream::cli
