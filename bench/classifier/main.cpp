// Measures the CPU time per face of classifiers and of cropping, in one thread. Models, batch sizes and crops
// alternate.
//
// usage: bench_classifier ROUNDS FOLDER…      FOLDER: a model folder that the server can load
// Prints a JSON array of rounds, each {"FOLDER": {"BATCH": ms per face, …}, …, "crop": {"SIDE": ms, …}}.
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
#include "vision/image/crop.hpp"

namespace {

namespace json = boost::json;
namespace vision = emostream::vision;

constexpr std::size_t batches[] = {1, 2, 4, 8};
constexpr int crop_sides[] = {60, 160, 400};  // side of the cropped square in the image, pixels
constexpr double min_duration = 5;            // ms per measurement

/// CPU time of this thread, ms.
double now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// Mean CPU time of a call in ms, over at least three calls and at least `min_duration`. One more call warms
/// up the caches.
template <typename Call>
double cost(const Call& call) {
  call();
  const double begin = now();
  double elapsed = 0;
  int calls = 0;
  while (elapsed < min_duration || calls < 3) {
    call();
    ++calls;
    elapsed = now() - begin;
  }
  return elapsed / calls;
}

/// Pseudorandom numbers from 0 to 255.
class noise {
 public:
  std::uint8_t operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint8_t>(state_ >> 56U);
  }

 private:
  std::uint64_t state_ = 1;
};

/// CPU time per face by batch size.
json::object classification_costs(const vision::classifier& model, std::span<const float> crops) {
  const auto pixels = static_cast<std::size_t>(model.side() * model.side());
  json::object costs;
  for (const std::size_t batch : batches) {
    const double total = cost([&] { (void)model.classify(batch, crops.first(batch * pixels)); });
    costs[std::to_string(batch)] = total / static_cast<double>(batch);
  }
  return costs;
}

/// CPU time of cropping squares of several sizes, rotated by about 10 degrees, from around the middle of the
/// image.
json::object crop_costs(const vision::image& picture, int size) {
  std::vector<float> into(static_cast<std::size_t>(size * size));
  json::object costs;
  for (const int side : crop_sides) {
    const float scale = static_cast<float>(side) / static_cast<float>(size);
    const vision::similarity_transform transform{.a = 0.98F * scale,
                                                 .b = 0.17F * scale,
                                                 .x0 = static_cast<float>(picture.width - side) / 2,
                                                 .y0 = static_cast<float>(picture.height - side) / 2};
    costs[std::to_string(side)] = cost([&] { vision::extract_gray_crop(picture, transform, size, into); });
  }
  return costs;
}

int parse_rounds(std::string_view word) {
  int rounds = 0;
  const auto [end, error] = std::from_chars(word.begin(), word.end(), rounds);
  if (error != std::errc{} || end != word.end() || rounds < 1)
    throw std::runtime_error("ROUNDS is not a positive number");
  return rounds;
}

void measure(int rounds, std::span<char*> folders) {
  noise random;
  vision::image picture{.width = 640, .height = 480, .pixels = std::vector<std::uint8_t>(640 * 480 * 3)};
  for (auto& value : picture.pixels) value = random();

  std::vector<vision::classifier> models;
  for (const char* folder : folders) models.emplace_back(folder);
  std::size_t max_size = 0;
  for (const auto& model : models)
    max_size = std::max(max_size, 8 * static_cast<std::size_t>(model.side() * model.side()));
  std::vector<float> crops(max_size);
  for (auto& value : crops) value = static_cast<float>(random());

  json::array results;
  for (int round = 0; round < rounds; ++round) {
    json::object& figures = results.emplace_back(json::object()).as_object();
    for (std::size_t i = 0; i < models.size(); ++i)
      figures[folders[i]] = classification_costs(models[i], crops);
    figures["crop"] = crop_costs(picture, models[0].side());
  }
  std::cout << results << '\n';
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count < 3) throw std::runtime_error("usage: bench_classifier ROUNDS FOLDER…");
    measure(parse_rounds(words[1]), std::span(words, static_cast<std::size_t>(count)).subspan(2));
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "bench_classifier: " << e.what() << '\n';
    return 1;
  }
}
