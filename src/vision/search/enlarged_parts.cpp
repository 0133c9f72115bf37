#include "vision/search/enlarged_parts.hpp"

#include <algorithm>

namespace emostream::vision {

namespace {

/// The largest side of a part: 9/16 of the image's longer side, so that of wide frames one row of parts is
/// enough. Rounded up, since a row more would show the same pixels again.
int side_of(int longer) {
  return (9 * longer + 15) / 16;
}

/// The overlap of neighbouring parts, as a fraction of the image's longer side: faces so small are whole in
/// one of them.
constexpr double relative_overlap = 0.09;

/// How many parts of `side`, with this overlap, cover `length`.
int count_parts(int length, int side, int overlap) {
  if (length <= side) return 1;
  return (length - overlap + side - overlap - 1) / (side - overlap);
}

/// Where part `i` of `count` begins, so that the first and the last one touch the edges.
int begin_of(int i, int count, int length, int side) {
  return count == 1 ? 0 : i * (length - side) / (count - 1);
}

}  // namespace

std::vector<region> enlarged_parts(const image& of) {
  const int longer = std::max(of.width, of.height);
  const int side = side_of(longer);
  const int overlap = static_cast<int>(relative_overlap * longer);
  const int width = std::min(side, of.width);
  const int height = std::min(side, of.height);
  const int columns = count_parts(of.width, width, overlap);
  const int rows = count_parts(of.height, height, overlap);
  std::vector<region> parts;
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x)
      parts.push_back({.left = begin_of(x, columns, of.width, width),
                       .top = begin_of(y, rows, of.height, height),
                       .width = width,
                       .height = height});
  return parts;
}

}  // namespace emostream::vision
