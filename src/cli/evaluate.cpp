#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/models.hpp"
#include "cli/photo.hpp"
#include "cli/progress.hpp"
#include "evaluation/labelled_images.hpp"
#include "evaluation/report.hpp"
#include "socketio/json.hpp"

namespace emostream::cli {

namespace {

/// What became of one image.
struct outcome {
  std::string error;                  ///< why it could not be read
  std::optional<std::size_t> answer;  ///< the label of its largest face, if it has one
  float confidence = 0;               ///< of the answer
  vision::stage_times times;
};

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

unsigned threads_of(const settings& s) {
  const auto cores = std::max(std::thread::hardware_concurrency(), 1U);
  return s.vision.workers > 0 ? static_cast<unsigned>(s.vision.workers) : cores;
}

/// Calls work(i) once for each i below `count`, on as many threads. What it throws ends that early and is
/// thrown again here.
void for_each(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    try {
      for (auto i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      throw;
    }
  };
  std::vector<std::future<void>> workers;
  for (unsigned i = 0; i < threads; ++i) workers.push_back(std::async(std::launch::async, take_turns));
  for (auto& worker : workers) worker.get();
}

outcome judge(const vision::analyzer& models, const std::filesystem::path& file, const settings& s,
              bool cropped) {
  outcome o;
  const auto photo = read_photo(file);
  if (!photo) {
    o.error = "cannot read the file";
    return o;
  }
  const vision::frame_options options{.min_confidence = static_cast<float>(s.vision.min_confidence),
                                      .max_faces = 1};
  const auto seen = cropped ? models.analyze_crop(*photo) : models.analyze(*photo, options);
  if (!seen) {
    o.error = seen.error().message();
    return o;
  }
  o.times = seen->times;
  if (!seen->faces.empty() && seen->faces.front().reading) {
    const vision::reading& reading = *seen->faces.front().reading;
    o.answer = vision::dominant_label(reading);
    o.confidence = reading.probabilities[*o.answer];
  }
  return o;
}

std::vector<outcome> judge_all(const vision::analyzer& models,
                               const std::vector<evaluation::labelled_image>& images, const settings& s,
                               bool cropped, unsigned threads) {
  std::vector<outcome> outcomes(images.size());
  progress shown(images.size(), isatty(STDERR_FILENO) == 1, say);
  std::mutex showing;
  for_each(images.size(), threads, [&](std::size_t i) {
    outcomes[i] = judge(models, images[i].file, s, cropped);
    const std::scoped_lock lock(showing);
    shown.advance();
  });
  return outcomes;
}

/// In the order of the images, whichever thread had them.
evaluation::report sum_up(const std::vector<evaluation::labelled_image>& images,
                          const std::vector<outcome>& outcomes, service::model_info model) {
  const std::size_t labels = model.labels.size();
  evaluation::report e{.folder = {},
                       .model = std::move(model),
                       .counts = evaluation::confusion(labels),
                       .unreadable = {},
                       .mean_ms = {}};
  auto& [decode, detect, classify] = e.mean_ms;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const outcome& o = outcomes[i];
    if (!o.error.empty()) {
      e.unreadable.push_back({images[i].file, o.error});
      continue;
    }
    e.counts.add(images[i].label, o.answer);
    decode += o.times.decode;
    detect += o.times.detect;
    if (!o.answer) continue;
    e.confidence.add(o.confidence, *o.answer == images[i].label);
    classify += o.times.classify;
  }
  const auto read = static_cast<double>(std::max<std::size_t>(e.counts.accuracy().whole, 1));
  decode /= read;
  detect /= read;
  classify /= static_cast<double>(std::max<std::size_t>(e.counts.accuracy_of_found().whole, 1));
  return e;
}

}  // namespace

int evaluate(const settings& s, const evaluate_options& options) {
  const auto models = load_models(s, assets::find(), photo_limits);
  const auto listed = evaluation::list_labelled(options.folder, models->labels());
  const unsigned threads = threads_of(s);
  if (listed.unlabelled > 0)
    say("left out: files that lie in no label's folder, " + std::to_string(listed.unlabelled) + '\n');

  const auto outcomes = judge_all(*models, listed.images, s, options.cropped, threads);
  evaluation::report e = sum_up(listed.images, outcomes, describe(*models));
  e.folder = options.folder;
  e.cropped = options.cropped;
  e.unlabelled = listed.unlabelled;
  e.workers = threads;

  for (const auto& [file, error] : e.unreadable) say(file.string() + ": " + error + '\n');
  std::string text;
  if (options.json)
    socketio::write_json(text, to_json(e));
  else
    text = to_text(e);
  std::fputs(text.c_str(), stdout);
  if (options.json) std::puts("");
  return e.unreadable.empty() ? 0 : 1;
}

}  // namespace emostream::cli
