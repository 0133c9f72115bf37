#include "search.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <malloc.h>
#include <random>
#include <string>
#include <vector>

namespace emostream::fuzzing {

namespace {

/// How many times slower this machine is than one that sorts a million numbers in 80 ms, for which the limits
/// are stated; at least 1.
double slowness() {
  static const double factor = [] {
    constexpr double reference_ms = 80;
    double fastest_ms = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 5; ++i) {
      std::minstd_rand random(1);
      std::vector<std::uint32_t> numbers(1'000'000);
      std::ranges::generate(numbers, [&] { return static_cast<std::uint32_t>(random()); });
      const cost sorting = measure([&] {
        std::ranges::sort(numbers);
        return handled{.outcome = std::to_string(numbers.front())};
      });
      fastest_ms = std::min(fastest_ms, sorting.ms);
    }
    const double times = std::max(1.0, fastest_ms / reference_ms);
    std::printf("limits are multiplied by %.2f for this machine\n", times);
    return times;
  }();
  return factor;
}

struct candidate {
  bytes genes;
  bytes input;
  cost measured;
};

class search {
 public:
  explicit search(const generator& of) : of_(of) {}

  void try_one(std::minstd_rand& random) {
    candidate next{choose_genes(random), {}, {}};
    choices from(next.genes);
    next.input = of_.make(from);
    if (next.input.empty()) return;
    if (random() % 8 == 0) next.input[random() % next.input.size()] ^= 1U << random() % 8;
    next.measured = measure_input(next.input);
    ++tried_;
    // Other work on the machine makes an input slower, not faster.
    for (int again = 0; again < 2 && next.measured.share() > slowest_.measured.share(); ++again)
      if (const cost repeated = measure_input(next.input); repeated.ms < next.measured.ms)
        next.measured.ms = repeated.ms;
    if (next.measured.share() > slowest_.measured.share()) slowest_ = next;
    if (next.measured.mb > largest_.measured.mb) largest_ = next;
  }

  /// Prints the worst inputs. True if they are within the limits.
  [[nodiscard]] bool report(const cost_limits& limits, const std::filesystem::path& folder) const {
    std::printf("%s: %d inputs\n", of_.name.data(), tried_);
    print("slowest", slowest_, folder);
    print("largest", largest_, folder);
    std::fflush(stdout);
    return slowest_.measured.share() <= limits.tolerance * slowness() && largest_.measured.mb <= limits.mb;
  }

 private:
  [[nodiscard]] cost measure_input(const bytes& input) const {
    return measure([&] { return of_.handle(input); });
  }
  bytes choose_genes(std::minstd_rand& random) const {
    constexpr std::size_t gene_count = 80;
    bytes genes = random() % 2 == 0 ? slowest_.genes : largest_.genes;
    const bool anew = genes.empty() || random() % 4 == 0;
    if (anew) genes.resize(gene_count);
    for (auto changes = anew ? gene_count * 4 : 1 + random() % 4; changes > 0; --changes)
      genes[random() % gene_count] = static_cast<std::uint8_t>(random() >> 8);
    return genes;
  }
  void print(const char* what, const candidate& of, const std::filesystem::path& folder) const {
    const cost& c = of.measured;
    std::printf("  %s: %6.1f ms of %.1f, %5.1f MB, %zu bytes, %s\n", what, c.ms, c.allowed_ms, c.mb,
                of.input.size(), c.outcome.c_str());
    if (folder.empty()) return;
    std::ofstream(folder / (std::string(of_.name) + "_" + what), std::ios::binary)
        .write(reinterpret_cast<const char*>(of.input.data()), static_cast<std::streamsize>(of.input.size()));
  }

  const generator& of_;
  candidate slowest_;
  candidate largest_;
  int tried_ = 0;
};

}  // namespace

int search_worst_inputs(std::span<const generator> generators, const cost_limits& limits, int argc,
                        const char* const* argv) {
  using clock = std::chrono::steady_clock;
  mallopt(M_MMAP_THRESHOLD, 65'536);  // so that the code under test does not reuse memory of a generator
  const std::chrono::seconds duration(argc > 1 ? std::atoi(argv[1]) : 60);
  const std::filesystem::path folder(argc > 2 ? argv[2] : "");
  std::minstd_rand random(static_cast<unsigned>(argc > 3 ? std::atoi(argv[3]) : 1));
  bool within_limits = true;
  for (const generator& g : generators) {
    search s(g);
    const auto end = clock::now() + duration / generators.size();
    while (clock::now() < end) s.try_one(random);
    within_limits = s.report(limits, folder) && within_limits;
  }
  return within_limits ? 0 : 1;
}

}  // namespace emostream::fuzzing
