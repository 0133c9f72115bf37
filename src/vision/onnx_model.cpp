#include "vision/onnx_model.hpp"

#include <functional>
#include <numeric>
#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>
#include <stdexcept>

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

std::vector<std::int64_t> with_batch(const tensor_info& info, std::size_t batch) {
  std::vector<std::int64_t> shape = info.shape;
  for (auto& dimension : shape) {
    if (dimension < 0) dimension = static_cast<std::int64_t>(batch);
  }
  return shape;
}

Ort::Value view(const Ort::MemoryInfo& memory, std::span<float> values,
                const std::vector<std::int64_t>& shape) {
  const auto size = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
  if (size != static_cast<std::int64_t>(values.size()))
    throw std::invalid_argument("tensor of the wrong size");
  return Ort::Value::CreateTensor<float>(memory, values.data(), values.size(), shape.data(), shape.size());
}

/// Whether the runtime's quick way with 8 bits adds products up in 16, which overflow: on x86 before VNNI.
/// There it has a slower, exact way, which it would take on newer processors as well if it were asked to.
bool overflows_with_8_bits() {
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

Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  // The calling worker computes alone: as many calls run at once as there are workers.
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ExecutionMode::ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
  if (overflows_with_8_bits()) options.AddConfigEntry(kOrtSessionOptionsAvx2PrecisionMode, "1");
  return options;
}

}  // namespace

struct onnx_model::impl {
  Ort::Env env{ORT_LOGGING_LEVEL_ERROR, "emostream"};  // all of a process's are one, counted by the runtime
  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  Ort::Session session{nullptr};
  tensor_info input;
  std::vector<tensor_info> outputs;
  std::vector<const char*> output_names;
};

onnx_model::onnx_model(const std::filesystem::path& file) : impl_(std::make_unique<impl>()) {
  impl& me = *impl_;
  try {
    if (!std::filesystem::is_regular_file(file)) throw std::runtime_error("no such file");
    me.session = Ort::Session(me.env, file.c_str(), session_options());
    if (me.session.GetInputCount() != 1) throw std::runtime_error("it has more than one input");
    Ort::AllocatorWithDefaultOptions allocator;
    me.input = describe(me.session.GetInputNameAllocated(0, allocator).get(), me.session.GetInputTypeInfo(0));
    for (std::size_t i = 0; i < me.session.GetOutputCount(); ++i) {
      me.outputs.push_back(
          describe(me.session.GetOutputNameAllocated(i, allocator).get(), me.session.GetOutputTypeInfo(i)));
    }
    for (const auto& output : me.outputs) me.output_names.push_back(output.name.c_str());
  } catch (const std::exception& e) {
    throw std::runtime_error("model " + file.string() + ": " + e.what());
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

void onnx_model::run(std::size_t batch, std::span<const float> input,
                     std::span<const std::span<float>> outputs) const {
  impl& me = *impl_;
  if (outputs.size() != me.outputs.size()) throw std::invalid_argument("wrong number of outputs");
  // The runtime only reads its input, but its interface has no const.
  const std::span<float> values(const_cast<float*>(input.data()), input.size());
  const Ort::Value in = view(me.memory, values, with_batch(me.input, batch));
  std::vector<Ort::Value> out;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    out.push_back(view(me.memory, outputs[i], with_batch(me.outputs[i], batch)));
  const char* input_name = me.input.name.c_str();
  me.session.Run(Ort::RunOptions{nullptr}, &input_name, &in, 1, me.output_names.data(), out.data(),
                 out.size());
}

}  // namespace emostream::vision
