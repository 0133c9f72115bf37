#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace emostream::vision {

/// Name and shape of a model's float32 input or output; -1 is a dimension that is free, the first of them the
/// batch.
struct tensor_info {
  std::string name;
  std::vector<std::int64_t> shape;

  /// True if such a shape can be had of it: -1 is the batch there, which may be 1 here.
  [[nodiscard]] bool fits(std::span<const std::int64_t> wanted) const;
};

/// As in "[N, 3, 48, 48]".
std::string in_words(std::span<const std::int64_t> shape);

/// A network that cannot be loaded; what() names the file and the reason.
struct onnx_model_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A network with one input, run by ONNX Runtime on the CPU. run() is safe from many threads at once and
/// computes on the calling thread alone.
class onnx_model {
 public:
  /// Throws onnx_model_error.
  explicit onnx_model(const std::filesystem::path& file);
  ~onnx_model();
  onnx_model(onnx_model&&) noexcept;

  [[nodiscard]] const tensor_info& input() const;
  [[nodiscard]] std::span<const tensor_info> outputs() const;

  /// From now on the input has that shape, and of the outputs there are these, in this order and of these
  /// shapes; each must be there and fit, and -1 is the batch. Not while it runs.
  void use(std::vector<std::int64_t> input, std::vector<tensor_info> outputs);

  /// False if the network takes one item at a time; run() then runs it for each.
  [[nodiscard]] bool takes_batches() const;

  /// Runs a batch of `batch` items. `input` and each of `outputs`, in the
  /// model's order, are dense float32 of exactly the shape's size; the network reads and writes them in
  /// place. Throws std::invalid_argument where a size is wrong, std::runtime_error where the runtime fails
  /// (out of memory; an output of another shape than was foretold).
  void run(std::size_t batch, std::span<const float> input, std::span<const std::span<float>> outputs) const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::vision
