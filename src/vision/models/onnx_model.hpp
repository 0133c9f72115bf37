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

/// Name and shape of a network's float32 input or output. -1 is a free dimension; a free first dimension is
/// the batch.
struct tensor_info {
  std::string name;
  std::vector<std::int64_t> shape;

  /// True if this tensor can have the shape `wanted`. -1 in `wanted` is the batch; a batch dimension of 1
  /// here matches it too.
  [[nodiscard]] bool fits(std::span<const std::int64_t> wanted) const;
};

/// The shape as text, such as "[N, 3, 48, 48]".
std::string shape_string(std::span<const std::int64_t> shape);

/// Thrown if a network cannot be loaded; what() names the file and the reason.
struct onnx_model_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A network with one input, run by ONNX Runtime on the CPU. run() is thread-safe and computes only on the
/// calling thread.
class onnx_model {
 public:
  /// Throws onnx_model_error.
  explicit onnx_model(const std::filesystem::path& file);
  ~onnx_model();
  onnx_model(onnx_model&&) noexcept;

  [[nodiscard]] const tensor_info& input() const;
  [[nodiscard]] std::span<const tensor_info> outputs() const;

  /// Fixes the shape of the input, and selects the outputs that run() computes, their order and their shapes.
  /// -1 is the batch. Throws std::invalid_argument if the network has no such input or output. Must not be
  /// called while run() is in progress.
  void bind(std::vector<std::int64_t> input, std::vector<tensor_info> outputs);

  /// False if the network takes one item at a time; run() then runs it once per item.
  [[nodiscard]] bool takes_batches() const;

  /// Runs the network on `batch` items. `input` and each of `outputs`, in the order of outputs(), are dense
  /// float32 of exactly the size of their shapes; they are read and written without copies. Throws
  /// std::invalid_argument if a size is wrong, Ort::Exception, a std::exception, if the runtime fails (out of
  /// memory, or an output of another shape than declared).
  void run(std::size_t batch, std::span<const float> input, std::span<const std::span<float>> outputs) const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::vision
