#include "vision/models/onnx_model.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>
#include <stdexcept>
#include <utility>

#include <boost/container/small_vector.hpp>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace emostream::vision {

namespace {

tensor_info describe(std::string name, const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) throw std::runtime_error(name + " is not a tensor");
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  if (tensor.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
    throw std::runtime_error(name + " is not float32");
  return {std::move(name), tensor.GetShape()};
}

/// Typical sizes of the supported networks; larger ones cost an allocation per run.
constexpr std::size_t usual_dimensions = 4;
constexpr std::size_t usual_outputs = 4;
using dimensions = boost::container::small_vector<std::int64_t, usual_dimensions>;

dimensions with_batch(const tensor_info& info, std::size_t batch) {
  dimensions shape(info.shape.begin(), info.shape.end());
  for (auto& dimension : shape) {
    if (dimension < 0) dimension = static_cast<std::int64_t>(batch);
  }
  return shape;
}

bool has_free_batch(const tensor_info& info) {
  return !info.shape.empty() && info.shape[0] < 0;
}

Ort::Value view(const Ort::MemoryInfo& memory, std::span<float> values, const dimensions& shape) {
  const auto size = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
  if (size != static_cast<std::int64_t>(values.size()))
    throw std::invalid_argument("tensor of the wrong size");
  return Ort::Value::CreateTensor<float>(memory, values.data(), values.size(), shape.data(), shape.size());
}

/// Whether ONNX Runtime's fast 8-bit kernels accumulate products in 16 bits, which can overflow: on x86
/// without VNNI. The runtime has slower, exact kernels for this case; it would use them on newer processors
/// too if they were always requested.
bool int8_kernels_overflow() {
#if defined(__x86_64__)
  constexpr unsigned features = 7;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const bool avx512_vnni = __get_cpuid_count(features, 0, &a, &b, &c, &d) != 0 && (c & bit_AVX512VNNI) != 0;
  const bool avx_vnni = __get_cpuid_count(features, 1, &a, &b, &c, &d) != 0 && (a & bit_AVXVNNI) != 0;
  return !avx512_vnni && !avx_vnni;
#else
  return false;
#endif
}

/// The runtime shares one reference-counted environment per process. Since version 1.29 it stores an
/// identifier and usage data in the user's cache directory and sends them to its vendor, unless telemetry is
/// disabled before the first environment is created.
Ort::Env environment() {
  static const bool disabled = ::setenv("ORT_DISABLE_TELEMETRY", "1", 1) == 0;
  if (!disabled) throw std::runtime_error("cannot disable the telemetry of ONNX Runtime");
  Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "emostream");
  env.DisableTelemetryEvents();
  return env;
}

Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  // Each call computes only on the calling thread: concurrency comes from the workers.
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ExecutionMode::ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
  if (int8_kernels_overflow()) options.AddConfigEntry(kOrtSessionOptionsAvx2PrecisionMode, "1");
  return options;
}

}  // namespace

bool tensor_info::fits(std::span<const std::int64_t> wanted) const {
  return std::ranges::equal(shape, wanted, [](std::int64_t own, std::int64_t other) {
    return own == other || own < 0 || (other < 0 && own == 1);
  });
}

std::string shape_string(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i] >= 0 ? std::to_string(shape[i]) : i == 0 ? "N" : "?";
  }
  return text + ']';
}

struct onnx_model::impl {
  Ort::Env env = environment();
  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  Ort::Session session{nullptr};
  tensor_info input;
  std::vector<tensor_info> outputs;
  std::vector<const char*> output_names;
  bool takes_batches = false;

  void update_outputs() {
    output_names.clear();
    for (const auto& output : outputs) output_names.push_back(output.name.c_str());
    takes_batches = has_free_batch(input) && std::ranges::all_of(outputs, has_free_batch);
  }

  void run(std::size_t batch, std::span<const float> in, std::span<const std::span<float>> out) {
    // The runtime does not modify its input, but its API is not const-correct.
    const std::span<float> values(const_cast<float*>(in.data()), in.size());
    const Ort::Value from = view(memory, values, with_batch(input, batch));
    boost::container::small_vector<Ort::Value, usual_outputs> to;
    for (std::size_t i = 0; i < out.size(); ++i)
      to.push_back(view(memory, out[i], with_batch(outputs[i], batch)));
    const char* input_name = input.name.c_str();
    session.Run(Ort::RunOptions{nullptr}, &input_name, &from, 1, output_names.data(), to.data(), to.size());
  }
};

onnx_model::onnx_model(const std::filesystem::path& file) : impl_(std::make_unique<impl>()) {
  impl& self = *impl_;
  try {
    if (!std::filesystem::is_regular_file(file)) throw std::runtime_error("no such file");
    self.session = Ort::Session(self.env, file.c_str(), session_options());
    if (self.session.GetInputCount() != 1) throw std::runtime_error("it must have exactly one input");
    Ort::AllocatorWithDefaultOptions allocator;
    self.input =
        describe(self.session.GetInputNameAllocated(0, allocator).get(), self.session.GetInputTypeInfo(0));
    for (std::size_t i = 0; i < self.session.GetOutputCount(); ++i) {
      self.outputs.push_back(describe(self.session.GetOutputNameAllocated(i, allocator).get(),
                                      self.session.GetOutputTypeInfo(i)));
    }
    self.update_outputs();
  } catch (const std::exception& e) {
    throw onnx_model_error("model " + file.string() + ": " + e.what());
  }
}

onnx_model::~onnx_model() = default;
onnx_model::onnx_model(onnx_model&&) noexcept = default;

const tensor_info& onnx_model::input() const {
  return impl_->input;
}
std::span<const tensor_info> onnx_model::outputs() const {
  return impl_->outputs;
}

void onnx_model::bind(std::vector<std::int64_t> input, std::vector<tensor_info> outputs) {
  impl& self = *impl_;
  if (!self.input.fits(input)) throw std::invalid_argument("input has another shape");
  // A network with a fixed batch size of 1 keeps it.
  const auto keep_fixed_batch = [](const tensor_info& from, std::vector<std::int64_t>& shape) {
    if (!shape.empty()) shape[0] = from.shape[0] == 1 ? 1 : shape[0];
  };
  keep_fixed_batch(self.input, input);
  self.input.shape = std::move(input);
  for (auto& output : outputs) {
    const auto found = std::ranges::find(self.outputs, output.name, &tensor_info::name);
    if (found == self.outputs.end() || !found->fits(output.shape))
      throw std::invalid_argument("no output " + output.name + " of that shape");
    keep_fixed_batch(*found, output.shape);
  }
  self.outputs = std::move(outputs);
  self.update_outputs();
}

bool onnx_model::takes_batches() const {
  return impl_->takes_batches;
}

void onnx_model::run(std::size_t batch, std::span<const float> input,
                     std::span<const std::span<float>> outputs) const {
  impl& self = *impl_;
  if (outputs.size() != self.outputs.size()) throw std::invalid_argument("wrong number of outputs");
  if (self.takes_batches || batch == 1) return self.run(batch, input, outputs);

  const auto part = [batch](auto of, std::size_t i) {
    if (of.size() % batch != 0) throw std::invalid_argument("tensor of the wrong size");
    return of.subspan(of.size() / batch * i, of.size() / batch);
  };
  std::vector<std::span<float>> one(outputs.size());
  for (std::size_t i = 0; i < batch; ++i) {
    std::ranges::transform(outputs, one.begin(), [&](auto output) { return part(output, i); });
    self.run(1, part(input, i), one);
  }
}

}  // namespace emostream::vision
