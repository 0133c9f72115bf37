// The bare loop: decodes, detects and classifies frames on a number of threads, without a server. Prints one
// line of JSON, with the CPU time of a frame and the elapsed time of each stage in ms.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "vision/analyzer.hpp"

namespace {

namespace json = boost::json;
namespace vision = emostream::vision;
using clock = std::chrono::steady_clock;
using image = std::vector<std::uint8_t>;

struct totals {
  int frames = 0;
  double cpu_ms = 0;
  std::size_t faces = 0;
  vision::stage_times stages;

  void operator+=(const totals& other) {
    frames += other.frames;
    cpu_ms += other.cpu_ms;
    faces += other.faces;
    stages.decode += other.stages.decode;
    stages.detect += other.stages.detect;
    stages.classify += other.stages.classify;
  }
};

image read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// CPU time of this thread, ms.
double cpu_now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

totals loop(const vision::analyzer& models, const std::vector<image>& images, clock::time_point end) {
  totals all;
  const double begin = cpu_now();
  for (std::size_t i = 0; clock::now() < end; i = (i + 1) % images.size()) {
    const auto done = models.analyze(images[i], {});
    if (!done) throw std::runtime_error(done.error().message());
    all += {1, 0, done->faces.size(), done->times};
  }
  all.cpu_ms = cpu_now() - begin;
  return all;
}

json::object measure(const vision::analyzer& models, const std::vector<image>& images, unsigned threads,
                     double seconds) {
  for (const image& each : images) (void)models.analyze(each, {});  // warms the caches and the allocator
  const auto begin = clock::now();
  const auto end =
      begin + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  std::vector<totals> done(threads);
  {
    std::vector<std::jthread> running;
    for (totals& of_thread : done) running.emplace_back([&] { of_thread = loop(models, images, end); });
  }
  totals all;
  for (const totals& of_thread : done) all += of_thread;
  const double elapsed = std::chrono::duration<double>(clock::now() - begin).count();
  const double frames = all.frames;
  return {{"cpu_ms", all.cpu_ms / frames},
          {"per_second", frames / elapsed},
          {"faces", static_cast<double>(all.faces) / frames},
          {"decode_ms", all.stages.decode / frames},
          {"detect_ms", all.stages.detect / frames},
          {"classify_ms", all.stages.classify / frames}};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the analysis of images without a server"};
  vision::analyzer_options options;
  std::vector<std::string> files;
  unsigned threads = 1;
  double seconds = 1;
  app.add_option("--detector", options.detector_model)->required();
  app.add_option("--classifier", options.classifier_model)->required();
  app.add_option("--second-detector", options.second_detector_model)->required();
  app.add_option("--face-mesh", options.face_mesh)->required();
  app.add_option("--cover", options.cover_model)->required();
  app.add_option("--images", files)->required();
  app.add_option("--threads", threads);
  app.add_option("--seconds", seconds);
  CLI11_PARSE(app, argc, argv);
  try {
    const vision::analyzer models(options);
    std::vector<image> images;
    for (const auto& file : files) images.push_back(read_file(file));
    std::cout << json::serialize(measure(models, images, threads, seconds)) << '\n';
  } catch (const std::exception& e) {
    std::cerr << "bare: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
