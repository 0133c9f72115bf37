#include "evaluation/evaluate.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluation/image_files.hpp"
#include "vision/image/limit_message.hpp"

namespace emostream::evaluation {

namespace {

/// The result of one image.
struct prediction {
  std::string error;                 ///< why the image could not be read; empty if it could
  std::optional<std::size_t> label;  ///< of the largest face; none if no face was found
  float confidence = 0;              ///< of the label
  vision::stage_times times;
};

prediction predict(const vision::analyzer& models, const std::filesystem::path& file, const options& o) {
  prediction p;
  const auto encoded = read_image_file(file);
  if (!encoded) {
    p.error = "cannot read the file";
    return p;
  }
  const auto analysis = o.cropped
                            ? models.analyze_crop(*encoded)
                            : models.analyze(*encoded, {.min_confidence = o.min_confidence, .max_faces = 1});
  if (!analysis) {
    p.error = vision::message_with_limit(analysis.error(), image_file_limits);
    return p;
  }
  p.times = analysis->times;
  if (!analysis->faces.empty() && analysis->faces.front().reading) {
    const vision::reading& reading = *analysis->faces.front().reading;
    p.label = vision::dominant_label(reading);
    p.confidence = reading.probabilities[*p.label];
  }
  return p;
}

/// Calls work(i) once for each i below `count`, on `threads` threads. An exception stops all threads and is
/// rethrown.
void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    try {
      for (auto i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      throw;
    }
  };
  std::vector<std::future<void>> workers;
  for (unsigned i = 0; i < threads; ++i) workers.push_back(std::async(std::launch::async, run));
  for (auto& worker : workers) worker.get();
}

std::vector<prediction> predict_all(const vision::analyzer& models, const std::vector<labelled_image>& images,
                                    const options& o, const std::function<void()>& on_image) {
  std::vector<prediction> predictions(images.size());
  std::mutex mutex;
  parallel_for(images.size(), o.threads, [&](std::size_t i) {
    predictions[i] = predict(models, images[i].file, o);
    const std::scoped_lock lock(mutex);
    on_image();
  });
  return predictions;
}

/// Adds the predictions in the order of the images, so that rounding does not depend on the threads.
void add_predictions(report& r, const std::vector<labelled_image>& images,
                     const std::vector<prediction>& predictions) {
  auto& [decode, detect, classify] = r.mean_ms;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const prediction& p = predictions[i];
    if (!p.error.empty()) {
      r.unreadable.push_back({images[i].file, p.error});
      continue;
    }
    r.matrix.add(images[i].label, p.label);
    decode += p.times.decode;
    detect += p.times.detect;
    if (!p.label) continue;
    r.confidence_calibration.add(p.confidence, *p.label == images[i].label);
    classify += p.times.classify;
  }
  const auto at_least_one = [](std::size_t n) { return static_cast<double>(std::max<std::size_t>(n, 1)); };
  decode /= at_least_one(r.matrix.accuracy().total);
  detect /= at_least_one(r.matrix.accuracy().total);
  classify /= at_least_one(r.matrix.accuracy_of_found().total);
}

}  // namespace

report evaluate(const vision::analyzer& models, const labelled_images& images, const options& o,
                const std::function<void()>& on_image) {
  report r{.folder = images.folder,
           .cropped = o.cropped,
           .detector = models.detector_name(),
           .classifier = models.classifier_name(),
           .labels = models.labels(),
           .matrix = confusion_matrix(models.labels().size()),
           .unlabelled = images.unlabelled,
           .threads = o.threads};
  add_predictions(r, images.images, predict_all(models, images.images, o, on_image));
  return r;
}

}  // namespace emostream::evaluation
