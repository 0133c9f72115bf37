#pragma once

#include <cstddef>

namespace emostream {

/// Lets this process have that many files and sockets open at once, as far as the hard limit goes; never
/// fewer than it may have now. Returns how many it may have. Debian gives 1,024 of the 524,288 there may be,
/// for the sake of select(2), which we do not use.
std::size_t allow_open_files(std::size_t wanted);

}  // namespace emostream
