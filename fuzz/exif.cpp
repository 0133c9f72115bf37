// Looks for the EXIF orientation in arbitrary data.

#include "vision/image/exif.hpp"

#include <cstdint>
#include <cstdlib>

using namespace emostream::vision;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const orientation found = find_orientation({data, size});
  if (found.value() < 1 || found.value() > 8) std::abort();
  return 0;
}
