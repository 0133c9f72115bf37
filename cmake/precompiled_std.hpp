// Headers that most of the code includes, precompiled in the presets that developers rebuild often (EMOSTREAM_PCH).
// The release build does not use them, so that missing #includes are found.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
