#include "evaluation/evaluate.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/models.hpp"
#include "cli/progress.hpp"
#include "evaluation/image_files.hpp"
#include "socketio/json.hpp"

namespace emostream::cli {

namespace {

void write_to_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string as_json_line(const evaluation::report& r) {
  std::string text;
  socketio::write_json(text, to_json(r));
  return text + '\n';
}

}  // namespace

int evaluate(const settings& s, const evaluate_options& options) {
  const auto models = load_models(s, assets::find(), evaluation::image_file_limits);
  const auto images = evaluation::list_labelled(options.folder, models->labels());
  if (images.unlabelled > 0)
    write_to_stderr(
        "skipped files outside the folders named after labels: " + std::to_string(images.unlabelled) + '\n');

  const unsigned threads =
      s.queue.workers > 0 ? s.queue.workers : std::max(std::thread::hardware_concurrency(), 1U);
  const auto report = [&] {
    progress progress_bar(images.images.size(), isatty(STDERR_FILENO) == 1, write_to_stderr);
    return evaluation::evaluate(*models, images,
                                {.cropped = options.cropped,
                                 .min_confidence = static_cast<float>(s.service.min_confidence),
                                 .threads = threads},
                                [&progress_bar] { progress_bar.advance(); });
  }();

  for (const auto& [file, error] : report.unreadable) write_to_stderr(file.string() + ": " + error + '\n');
  std::fputs((options.json ? as_json_line(report) : to_text(report)).c_str(), stdout);
  return report.unreadable.empty() ? 0 : 1;
}

}  // namespace emostream::cli
