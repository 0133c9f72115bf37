#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <ranges>
#include <span>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "load/camera.hpp"
#include "load/loads.hpp"
#include "load/percentile.hpp"
#include "load/process.hpp"

namespace emostream::bench {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;
namespace views = std::views;

constexpr auto connect_timeout = 30s;
constexpr auto answer_timeout = 5s;  // for the frames that are in flight
constexpr std::size_t max_connecting = 32;
constexpr std::size_t image_offset = 7;  // from camera to camera, so that they send different images

time_point after(seconds s) {
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(s);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The cameras of a run and their poller.
class camera_group {
 public:
  camera_group(const target& t, const camera_load& load, std::size_t count) {
    if (load.tokens.empty() || load.images.empty()) throw std::runtime_error("no tokens or no images");
    if (load.scenes == 0 || load.images.size() % load.scenes != 0)
      throw std::runtime_error("the scenes do not have equally many images");
    setup_ = {.port = t.port, .upgrade = upgrade_request(load.path), .name_space = load.name_space};
    for (const auto& path : load.images) images_.push_back(client_frame({opcode::binary, read_file(path)}));
    const auto images_per_scene = images_.size() / load.scenes;
    const auto images_of = [&](std::size_t scene) {
      return std::span<const std::string>(images_).subspan(scene * images_per_scene, images_per_scene);
    };
    const auto deadline = steady_clock::now() + connect_timeout;
    for (std::size_t ready = 0; ready < count; ready = count_ready()) {
      for (auto i = cameras_.size(); i < std::min(count, ready + max_connecting); ++i)
        cameras_.push_back(std::make_unique<camera>(poller_, setup_, load.tokens[i % load.tokens.size()],
                                                    images_of(i % load.scenes), i * image_offset));
      if (steady_clock::now() > deadline) throw std::runtime_error("the cameras were not ready in time");
      poller_.step(steady_clock::now() + 20ms);
    }
  }

  [[nodiscard]] auto all() const {
    return cameras_ | views::transform([](const auto& c) -> camera& { return *c; });
  }
  camera& operator[](std::size_t i) { return *cameras_[i]; }
  void step(time_point until) { poller_.step(until); }

  /// Waits until all frames are answered, or the timeout has passed.
  void await_answers() {
    const auto deadline = steady_clock::now() + answer_timeout;
    const auto waits = [](const camera& c) { return c.unanswered() > 0; };
    while (std::ranges::any_of(all(), waits) && steady_clock::now() < deadline)
      step(steady_clock::now() + 50ms);
  }

 private:
  [[nodiscard]] std::size_t count_ready() const {
    return static_cast<std::size_t>(std::ranges::count_if(all(), &camera::ready));
  }

  camera::setup setup_;
  std::vector<std::string> images_;
  poller poller_;
  std::vector<std::unique_ptr<camera>> cameras_;
};

/// Makes each camera send at its own rate.
class schedule {
 public:
  /// `rates` are frames per second by camera; 0 sends the next frame when the previous one is answered.
  /// `cameras` must outlive this.
  schedule(camera_group& cameras, const std::vector<double>& rates) : cameras_(cameras), rates_(rates) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> phase;
    const auto now = steady_clock::now();
    for (std::size_t i = 0; i < rates.size(); ++i) {
      if (rates[i] > 0) {
        queue_.emplace(now + interval(i, phase(random)), i);
        continue;
      }
      cameras[i].on_answered = [&c = cameras[i], this] {
        if (!stopped_) c.send_frame(steady_clock::now());
      };
      cameras[i].send_frame(now);
    }
  }

  void run_until(time_point end) {
    while (steady_clock::now() < end) {
      while (!queue_.empty() && queue_.top().first <= steady_clock::now()) {
        const auto [due, i] = queue_.top();
        queue_.pop();
        cameras_[i].send_frame(due);
        queue_.emplace(due + interval(i, 1), i);
      }
      cameras_.step(queue_.empty() ? end : std::min(end, queue_.top().first));
    }
  }

  void stop() { stopped_ = true; }

 private:
  using scheduled_frame = std::pair<time_point, std::size_t>;  // due time, camera

  [[nodiscard]] steady_clock::duration interval(std::size_t camera, double fraction) const {
    return std::chrono::duration_cast<steady_clock::duration>(seconds(fraction / rates_[camera]));
  }

  camera_group& cameras_;
  std::vector<double> rates_;
  std::priority_queue<scheduled_frame, std::vector<scheduled_frame>, std::greater<>> queue_;
  bool stopped_ = false;
};

/// CPU time and memory used so far by the server, and CPU time used by this program.
struct usage {
  time_point at;
  double server_cpu;
  double own_cpu;
  double resident_mb;

  explicit usage(const process& server)
      : at(steady_clock::now()),
        server_cpu(server.cpu_seconds()),
        own_cpu(process(0).cpu_seconds()),
        resident_mb(static_cast<double>(server.resident_bytes()) / (1024 * 1024)) {}
};

/// Figures of these cameras: the results that arrived in the measured interval, and the outcomes of the
/// frames that were scheduled in it.
template <typename Cameras>
json::object summarize(const Cameras& cameras, const usage& before, const usage& after) {
  const auto within = [&](time_point t) { return before.at <= t && t < after.at; };
  std::vector<double> latencies;
  std::vector<double> lateness;  // of sending, in ms
  json::array per_camera;
  std::map<std::string, std::size_t> refused;
  std::size_t faces = 0;
  std::size_t unanswered = 0;
  for (const camera& c : cameras) {
    const auto earlier_frames = lateness.size();
    const auto earlier_results = latencies.size();
    double worker_ms = 0;
    for (const auto& f : c.frames()) {
      if (f.result && within(*f.result)) {
        latencies.push_back(seconds(*f.result - f.due).count() * 1e3);
        faces += f.faces;
        worker_ms += f.worker_ms;
      }
      if (!within(f.due)) continue;
      lateness.push_back(seconds(f.sent - f.due).count() * 1e3);
      if (!f.answered())
        ++unanswered;
      else if (!f.result)
        ++refused[f.refused];
    }
    per_camera.push_back(json::object{{"sent", lateness.size() - earlier_frames},
                                      {"results", latencies.size() - earlier_results},
                                      {"worker_ms", worker_ms}});
  }
  json::object figures{{"sent", lateness.size()},
                       {"results", latencies.size()},
                       {"refused", json::value_from(refused)},
                       {"unanswered", unanswered},
                       {"per_camera", std::move(per_camera)}};
  if (!lateness.empty()) figures["late_p99_ms"] = percentile(lateness, 0.99);
  if (latencies.empty()) return figures;
  figures["faces"] = static_cast<double>(faces) / static_cast<double>(latencies.size());
  figures["p50_ms"] = percentile(latencies, 0.50);
  figures["p95_ms"] = percentile(latencies, 0.95);
  figures["p99_ms"] = percentile(latencies, 0.99);
  return figures;
}

json::object results_for_each_image(const target& t, const camera_load& load) {
  camera_group one(t, load, 1);
  json::array answers;
  one[0].on_result = [&](std::string_view arguments) {
    answers.push_back(json::parse(arguments).as_array().at(1));
  };
  for (std::size_t i = 0; i < load.images.size(); ++i) {
    one[0].send_frame(steady_clock::now());
    one.await_answers();
  }
  return {{"answers", std::move(answers)}};
}

}  // namespace

json::object run(const target& t, const camera_load& load) {
  if (load.answers) return results_for_each_image(t, load);
  const process server(t.pid);
  std::vector<double> rates(load.clients, load.fps);
  if (load.greedy_fps > 0) rates.push_back(load.greedy_fps);
  camera_group cameras(t, load, rates.size());

  schedule sending(cameras, rates);
  sending.run_until(after(t.warm_up));
  const usage before(server);
  sending.run_until(after(t.measured));
  const usage end(server);
  sending.stop();
  cameras.await_answers();

  json::object figures = summarize(cameras.all() | views::take(load.clients), before, end);
  if (load.greedy_fps > 0)
    figures["greedy"] = summarize(cameras.all() | views::drop(load.clients), before, end);
  const double elapsed = seconds(end.at - before.at).count();
  const auto results = figures.at("results").to_number<double>() +
                       (load.greedy_fps > 0 ? figures.at("greedy").at("results").to_number<double>() : 0);
  if (results == 0)
    throw std::runtime_error("no result arrived in the measured interval: " + json::serialize(figures));
  figures["seconds"] = elapsed;
  figures["per_second"] = results / elapsed;
  figures["cpu_ms"] = (end.server_cpu - before.server_cpu) / results * 1e3;
  figures["server_busy"] = (end.server_cpu - before.server_cpu) / elapsed;
  figures["load_busy"] = (end.own_cpu - before.own_cpu) / elapsed;
  figures["resident_mb"] = end.resident_mb;
  figures["resident_before_mb"] = before.resident_mb;
  return figures;
}

}  // namespace emostream::bench
