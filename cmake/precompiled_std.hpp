// Headers that most of the code includes. Precompiled for the presets that developers rebuild often (EMOSTREAM_PCH);
// the release build compiles without it, so that a missing #include is found.
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
