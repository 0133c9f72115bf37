// What the classifier costs a face: several models, batches and crops in turns, on this thread alone.
//
// bench_classifier ROUNDS FOLDER…: each folder a model as the server loads it. Prints JSON: an array of
// rounds, each {"FOLDER": {"BATCH": ms a face, …}, …, "crop": {"SIDE": ms, …}}. Time is the CPU's, of this
// thread.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "vision/expression/classifier.hpp"
#include "vision/expression/crop.hpp"

namespace {

namespace json = boost::json;
namespace vision = emostream::vision;

constexpr std::size_t batches[] = {1, 2, 4, 8};
constexpr int frame_sides[] = {60, 160, 400};  // of a face's frame in the picture, pixels
constexpr double long_enough = 5;              // ms of one measurement

/// CPU time of this thread, ms.
double now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// ms of one call, the mean of as many as take `long_enough` and three at least; one before does not count.
template <typename Call>
double cost(const Call& call) {
  call();
  const double begin = now();
  double passed = 0;
  int calls = 0;
  while (passed < long_enough || calls < 3) {
    call();
    ++calls;
    passed = now() - begin;
  }
  return passed / calls;
}

/// Numbers from 0 to 255 without a pattern.
class noise {
 public:
  std::uint8_t operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint8_t>(state_ >> 56U);
  }

 private:
  std::uint64_t state_ = 1;
};

json::object classify(const vision::classifier& model, std::span<const float> crops) {
  const auto pixels = static_cast<std::size_t>(model.size() * model.size());
  json::object costs;
  for (const std::size_t batch : batches) {
    const double whole = cost([&] { (void)model.classify(batch, crops.first(batch * pixels)); });
    costs[std::to_string(batch)] = whole / static_cast<double>(batch);
  }
  return costs;
}

/// Frames turned by some degrees in the middle of the picture.
json::object crop(const vision::image& picture, int size) {
  std::vector<float> into(static_cast<std::size_t>(size * size));
  json::object costs;
  for (const int side : frame_sides) {
    const float scale = static_cast<float>(side) / static_cast<float>(size);
    const vision::similarity_transform frame{.a = 0.98F * scale,
                                             .b = 0.17F * scale,
                                             .x0 = static_cast<float>(picture.width - side) / 2,
                                             .y0 = static_cast<float>(picture.height - side) / 2};
    costs[std::to_string(side)] = cost([&] { vision::extract_gray_crop(picture, frame, size, into); });
  }
  return costs;
}

int rounds_of(std::string_view word) {
  int rounds = 0;
  const auto [end, error] = std::from_chars(word.begin(), word.end(), rounds);
  if (error != std::errc{} || end != word.end() || rounds < 1)
    throw std::runtime_error("no number of rounds");
  return rounds;
}

void measure(int rounds, std::span<char*> folders) {
  noise any;
  vision::image picture{.width = 640, .height = 480, .pixels = std::vector<std::uint8_t>(640 * 480 * 3)};
  for (auto& value : picture.pixels) value = any();

  std::vector<vision::classifier> models;
  for (const char* folder : folders) models.emplace_back(folder);
  std::size_t most = 0;
  for (const auto& model : models)
    most = std::max(most, 8 * static_cast<std::size_t>(model.size() * model.size()));
  std::vector<float> crops(most);
  for (auto& value : crops) value = static_cast<float>(any());

  json::array told;
  for (int round = 0; round < rounds; ++round) {
    json::object& figures = told.emplace_back(json::object()).as_object();
    for (std::size_t i = 0; i < models.size(); ++i) figures[folders[i]] = classify(models[i], crops);
    figures["crop"] = crop(picture, models[0].size());
  }
  std::cout << told << '\n';
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count < 3) throw std::runtime_error("usage: bench_classifier ROUNDS FOLDER…");
    measure(rounds_of(words[1]), std::span(words, static_cast<std::size_t>(count)).subspan(2));
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "bench_classifier: " << e.what() << '\n';
    return 1;
  }
}
