#pragma once

#include <string_view>

#include <spdlog/spdlog.h>

namespace emostream::log {

// Say spdlog::info("connected", …) and its like. No line ever holds a token or an image.

/// Sets the level ("trace", "debug", "info", "warn", "error", "off") and the form of the lines (text, or one
/// JSON object a line) of the process's logger, which writes to stderr. False if the level has no such name.
bool configure(std::string_view level, bool json);

}  // namespace emostream::log
