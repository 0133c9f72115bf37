#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace emostream::vision {

/// Name and shape of a model's float32 input or output; -1 is a dimension that is free (the batch).
struct tensor_info {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// A network with one input, run by ONNX Runtime on the CPU. run() is safe from many threads at once and
/// computes on the calling thread alone.
class onnx_model {
 public:
  /// Throws std::runtime_error with the file and the reason.
  explicit onnx_model(const std::filesystem::path& file);
  ~onnx_model();
  onnx_model(onnx_model&&) noexcept;

  [[nodiscard]] const tensor_info& input() const;
  [[nodiscard]] std::span<const tensor_info> outputs() const;

  /// Runs a batch of `batch` items (the value of the free dimension). `input` and each of `outputs`, in the
  /// model's order, are dense float32 of exactly the shape's size; the network reads and writes them in
  /// place. Throws std::invalid_argument where a size is wrong, std::runtime_error where the runtime fails
  /// (out of memory).
  void run(std::size_t batch, std::span<const float> input, std::span<const std::span<float>> outputs) const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::vision
