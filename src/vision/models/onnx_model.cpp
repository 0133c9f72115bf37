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

/// Of networks that we run; more dimensions or outputs would only cost an allocation.
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

/// All of a process's are one, counted by the runtime. From 1.29 on it keeps an identifier and a database of
/// what it runs in the user's cache, and sends that to its maker, unless it is told not to before the first
/// one.
Ort::Env environment() {
  static const bool told = ::setenv("ORT_DISABLE_TELEMETRY", "1", 1) == 0;
  if (!told) throw std::runtime_error("the runtime cannot be kept from reporting on us");
  Ort::Env made(ORT_LOGGING_LEVEL_ERROR, "emostream");
  made.DisableTelemetryEvents();
  return made;
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

bool tensor_info::fits(std::span<const std::int64_t> wanted) const {
  return std::ranges::equal(shape, wanted, [](std::int64_t here, std::int64_t there) {
    return here == there || here < 0 || (there < 0 && here == 1);
  });
}

std::string in_words(std::span<const std::int64_t> shape) {
  std::string words = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) words += ", ";
    words += shape[i] >= 0 ? std::to_string(shape[i]) : i == 0 ? "N" : "?";
  }
  return words + ']';
}

struct onnx_model::impl {
  Ort::Env env = environment();
  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  Ort::Session session{nullptr};
  tensor_info input;
  std::vector<tensor_info> outputs;
  std::vector<const char*> output_names;
  bool takes_batches = false;

  void get_ready() {
    output_names.clear();
    for (const auto& output : outputs) output_names.push_back(output.name.c_str());
    takes_batches = has_free_batch(input) && std::ranges::all_of(outputs, has_free_batch);
  }

  void run(std::size_t batch, std::span<const float> in, std::span<const std::span<float>> out) {
    // The runtime only reads its input, but its interface has no const.
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
    me.get_ready();
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

void onnx_model::use(std::vector<std::int64_t> input, std::vector<tensor_info> outputs) {
  impl& me = *impl_;
  if (!me.input.fits(input)) throw std::invalid_argument("input of another shape");
  // A batch of one in the network stays one.
  const auto batch_of = [](const tensor_info& from, std::vector<std::int64_t>& shape) {
    if (!shape.empty()) shape[0] = from.shape[0] == 1 ? 1 : shape[0];
  };
  batch_of(me.input, input);
  me.input.shape = std::move(input);
  for (auto& output : outputs) {
    const auto found = std::ranges::find(me.outputs, output.name, &tensor_info::name);
    if (found == me.outputs.end() || !found->fits(output.shape))
      throw std::invalid_argument("no output " + output.name + " of that shape");
    batch_of(*found, output.shape);
  }
  me.outputs = std::move(outputs);
  me.get_ready();
}

bool onnx_model::takes_batches() const {
  return impl_->takes_batches;
}

void onnx_model::run(std::size_t batch, std::span<const float> input,
                     std::span<const std::span<float>> outputs) const {
  impl& me = *impl_;
  if (outputs.size() != me.outputs.size()) throw std::invalid_argument("wrong number of outputs");
  if (me.takes_batches || batch == 1) return me.run(batch, input, outputs);

  const auto part = [batch](auto of, std::size_t i) {
    if (of.size() % batch != 0) throw std::invalid_argument("tensor of the wrong size");
    return of.subspan(of.size() / batch * i, of.size() / batch);
  };
  std::vector<std::span<float>> one(outputs.size());
  for (std::size_t i = 0; i < batch; ++i) {
    std::ranges::transform(outputs, one.begin(), [&](auto output) { return part(output, i); });
    me.run(1, part(input, i), one);
  }
}

}  // namespace emostream::vision
